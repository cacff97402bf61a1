"""Which records speak of the same person or enterprise: Arrow in, Arrow out; no database, no clock."""
