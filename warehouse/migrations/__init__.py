"""Alembic migrations; `warehouse.migrate` runs them. Tables of feeds are not here: they follow the contracts."""
