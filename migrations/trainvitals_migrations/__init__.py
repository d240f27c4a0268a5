"""The database schema as alembic versions, shipped in the wheel."""
