"""The database schema as alembic versions, shipped in the wheel."""

from trainvitals_migrations.schema import current, head, upgrade

__all__ = ["current", "head", "upgrade"]
