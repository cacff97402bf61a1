"""Run by Alembic: use the connection `warehouse.migrate` hands over."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, version_table="migration", version_table_schema="ops", transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
