"""Opens the database and brings it to the schema of this version."""

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from trainvitals_command.errors import CannotServe
from trainvitals_migrations import upgrade
from trainvitals_server.storage.engine import open_engine
from trainvitals_server.storage.errors import DatabaseUnusable


def open_database(url: str) -> Engine:
    """An engine whose database has this version's schema; raises CannotServe."""
    try:
        engine = open_engine(url)
    except DatabaseUnusable as error:
        raise CannotServe(str(error)) from error
    try:
        upgrade(engine)
    except DatabaseUnusable as error:
        engine.dispose()
        raise CannotServe(str(error)) from error
    except DBAPIError as error:
        engine.dispose()
        reason = str(error.orig).partition("\n")[0]
        raise CannotServe(f"the database cannot be upgraded: {reason}. Nothing was changed.") from error
    return engine
