"""From department files to records in standard form: contracts, readers, snapshots, standardising, rejects, findings."""
