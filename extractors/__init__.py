"""From department files to records in standard form: contracts, readers, snapshots, rejects and findings."""
