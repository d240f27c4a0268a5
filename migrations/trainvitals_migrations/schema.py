"""Bringing a database to the schema of this installation, safely with several processes at once."""

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect

from trainvitals_server.storage.engine import writing
from trainvitals_server.storage.errors import DatabaseUnusable
from trainvitals_server.tables import Base

LOCATION = "trainvitals_migrations:"
"""The package itself: it works from the installed wheel as from the source tree."""

LOCK = 0x7472_7669
"""The Postgres advisory lock under which one process at a time migrates ("trvi")."""


def upgrade(engine: Engine) -> None:
    """Run the versions that are missing, all in one transaction; other processes wait and then find nothing to do.

    Raises DatabaseUnusable where the database was written by a newer trainvitals, or by another program.
    """
    # On SQLite the transaction takes the write lock as it begins (BEGIN IMMEDIATE).
    with writing(engine).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
        found = _current(connection)
        if found is not None and found not in _known():
            raise DatabaseUnusable(
                f"the database has schema version {found}, which this trainvitals does not know (it knows up to "
                f"{head()}): a newer trainvitals wrote it. Install that version again, or use another database."
            )
        if found is None:
            _check_free(connection)
        command.upgrade(_config(connection), "head")


def head() -> str:
    """The version that this installation brings."""
    found = ScriptDirectory.from_config(_config()).get_current_head()
    assert found is not None
    return found


def current(engine: Engine) -> str | None:
    """The version that a database has; None where it was never migrated."""
    with engine.connect() as connection:
        return _current(connection)


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _check_free(connection: Connection) -> None:
    taken = sorted(Base.metadata.tables.keys() & set(inspect(connection).get_table_names()))
    if taken:
        raise DatabaseUnusable(
            f"the database has a table {taken[0]!r} that is not of trainvitals. Nothing was changed. "
            "Use a database of its own: CREATE DATABASE trainvitals, or another file."
        )


def _known() -> set[str]:
    return {version.revision for version in ScriptDirectory.from_config(_config()).walk_revisions()}


def _config(connection: Connection | None = None) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", LOCATION)
    return config
