"""The PostgreSQL warehouse: landing, masters, publishing, card services. Only here SQLAlchemy, Alembic and psycopg."""
