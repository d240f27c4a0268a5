"""Copies of a SQLite database, by SQLite's own backup: whole and consistent, also while a server writes.

https://sqlite.org/backup.html
"""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from trainvitals_server.storage.errors import DatabaseUnusable
from trainvitals_server.storage.sqlite_file import check_file, check_pages, check_whole
from trainvitals_server.upkeep.errors import CannotCopy

HEADER = b"SQLite format 3\x00"
TIMEOUT_SECONDS = 30.0
SIDE_FILES = ("-wal", "-shm", "-journal")


def copy_out(database: Path, file: Path) -> None:
    """Write a copy of the database to `file`, which appears when it is whole; raises CannotCopy."""
    _check_there(database)
    if file.exists() and file.samefile(database):
        raise CannotCopy(f"{file} is the database itself. Name another file.")
    try:
        check_file(database, TIMEOUT_SECONDS)
    except DatabaseUnusable as error:
        raise CannotCopy(str(error)) from error
    _publish(database, file, _check_copy)


def _check_copy(copy: Path) -> None:
    """Damage is copied like everything else; who relies on the copy would learn of it when it is too late."""
    try:
        check_pages(copy, TIMEOUT_SECONDS)
    except DatabaseUnusable as error:
        raise CannotCopy(f"the database is damaged, and so would its backup be: {error}") from error


def put_back(file: Path, database: Path, prepare: Callable[[Path], None], *, overwrite: bool) -> None:
    """Make `database` from a copy; `prepare` is called on the new file before it takes its place.

    Raises CannotCopy where the copy is damaged or of another program, where there is a database already and
    `overwrite` does not say that it may go, and where a server uses it.
    """
    _check_there(file)
    if database.exists() and file.samefile(database):
        raise CannotCopy(f"{file} is the database itself. Name the backup.")
    try:
        check_file(file, TIMEOUT_SECONDS)
        check_whole(file, TIMEOUT_SECONDS)
    except DatabaseUnusable as error:
        raise CannotCopy(f"the backup cannot be used: {error}") from error
    if database.exists() and database.stat().st_size:
        if not overwrite:
            raise CannotCopy(
                f"{database} is there already. Nothing was changed. "
                "Name another with --database, or say --overwrite to replace it for good."
            )
        _check_unused(database)
    _publish(file, database, prepare)


def compact(path: Path) -> None:
    """Write the file anew without its free pages, and so that it can shrink from then on."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
        connection.execute("VACUUM")


def _check_there(path: Path) -> None:
    if not path.is_file():
        raise CannotCopy(f"there is no file {path}. Name one that is there.")


def _check_unused(database: Path) -> None:
    """Raise CannotCopy where somebody has the database open: the journal can be folded in by the last one alone."""
    try:
        with closing(sqlite3.connect(database, timeout=0)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE").fetchone()
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise CannotCopy(f"{database} is in use. Nothing was changed. Stop the server first.") from error
    except sqlite3.DatabaseError:
        # Damaged: that may be why somebody restores.
        return


def _publish(source: Path, target: Path, prepare: Callable[[Path], None]) -> None:
    part = target.with_name(f"{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        _copy(source, part)
        prepare(part)
        _fold(part)
        _to_disk(part)
        for side in SIDE_FILES:
            Path(f"{target}{side}").unlink(missing_ok=True)
        part.replace(target)
        _to_disk(target.parent)
    except (OSError, sqlite3.Error) as error:
        raise CannotCopy(f"{target} cannot be written: {error}. What was there is unchanged.") from error
    finally:
        for leftover in (part, *(Path(f"{part}{side}") for side in SIDE_FILES)):
            leftover.unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    # All pages in one step: between two steps another process's write would make SQLite begin again. A reader in
    # write-ahead mode keeps no writer waiting.
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", TIMEOUT_SECONDS, uri=True)) as read,
        closing(sqlite3.connect(target)) as written,
    ):
        read.backup(written, pages=-1)


def _fold(path: Path) -> None:
    """Leave one file that holds everything."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE").fetchone()


def _to_disk(path: Path) -> None:
    if os.name != "posix" and path.is_dir():
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
