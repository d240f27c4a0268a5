"""A backup and its way back, whatever the database."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import URL, Engine

from trainvitals_server.storage.engine import open_engine, parse_address
from trainvitals_server.storage.errors import DatabaseUnusable
from trainvitals_server.upkeep import postgres_copy, sqlite_copy
from trainvitals_server.upkeep.epochs import renew_epochs
from trainvitals_server.upkeep.errors import CannotCopy

Upgrade = Callable[[Engine], None]
"""Brings a database to the schema of this version; raises DatabaseUnusable where a newer one wrote it."""


def backup(url: str, file: Path) -> None:
    """Write a whole, consistent copy of the database to a file; a server may go on writing. Raises CannotCopy."""
    address = parse_address(url)
    if address.get_backend_name() == "sqlite":
        sqlite_copy.copy_out(Path(address.database or ""), file)
    else:
        postgres_copy.dump(address, file)


def restore(file: Path, url: str, upgrade: Upgrade, *, overwrite: bool = False) -> None:
    """Make a database from a backup, bring it to this version, and give its runs new epochs.

    It must be fresh, unless `overwrite` says that what is there may go. Raises CannotCopy and DatabaseUnusable; the
    database is then as it was.
    """
    address = parse_address(url)
    _check_kind(file, address)
    if address.get_backend_name() == "sqlite":
        target = Path(address.database or "")
        sqlite_copy.put_back(file, target, lambda path: _prepare_file(path, upgrade), overwrite=overwrite)
        return
    engine = open_engine(url)
    try:
        postgres_copy.load(file, address, engine, overwrite=overwrite)
    finally:
        engine.dispose()
    _prepare(url, upgrade)


def _prepare_file(path: Path, upgrade: Upgrade) -> None:
    _prepare(f"sqlite:///{path}", upgrade)
    sqlite_copy.compact(path)


def _prepare(url: str, upgrade: Upgrade) -> None:
    try:
        engine = open_engine(url)
    except DatabaseUnusable as error:
        raise CannotCopy(str(error)) from error
    try:
        upgrade(engine)
        renew_epochs(engine)
    finally:
        engine.dispose()


def _check_kind(file: Path, address: URL) -> None:
    try:
        with file.open("rb") as opened:
            start = opened.read(len(sqlite_copy.HEADER))
    except OSError as error:
        raise CannotCopy(f"{file} cannot be read: {error.strerror}.") from error
    wanted, made_by = {
        "sqlite": (sqlite_copy.HEADER, "a backup of a SQLite database"),
        "postgresql": (postgres_copy.HEADER, "a backup of a Postgres database"),
    }[address.get_backend_name()]
    if not start.startswith(wanted):
        raise CannotCopy(f"{file} is not {made_by}. Nothing was changed. Name the backup, or the other database.")
