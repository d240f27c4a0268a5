"""A SQLite file looked at before it is written to: whole, and ours."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from trainvitals_server.storage.errors import DatabaseUnusable

QUICK_CHECK_BYTES_MAX = 64 * 2**20
"""A larger file is only opened at start-up; reading all of it would keep people waiting."""

OUR_TABLES = frozenset({"run", "frame", "writer"})
"""A file that has tables, but not these, belongs to another program."""

_DAMAGED = frozenset({"SQLITE_CORRUPT", "SQLITE_NOTADB"})
_UNDAMAGED_HINT = "Make the file and its folder writable for this user, or name another file with --database."
_DAMAGED_HINT = "Put a copy of it back if you have one, or move it away to start with an empty database."


def check_file(path: Path, timeout_seconds: float) -> None:
    """Raise DatabaseUnusable where the file is damaged or another program's; it is only read, and may be missing."""
    if not path.exists():
        return
    # Damage first: of a damaged file one cannot tell whose it is.
    if path.stat().st_size <= QUICK_CHECK_BYTES_MAX:
        check_pages(path, timeout_seconds)
    check_ours(path, timeout_seconds)


def check_ours(path: Path, timeout_seconds: float) -> None:
    """Raise DatabaseUnusable where the file is no database, or another program's."""
    tables = {name for (name,) in _asked(path, timeout_seconds, "SELECT name FROM sqlite_master WHERE type = 'table'")}
    if tables and not tables >= OUR_TABLES:
        raise DatabaseUnusable(
            _words(path, "it is the database of another program", "Name another file with --database.")
        )


def check_pages(path: Path, timeout_seconds: float) -> None:
    """Raise DatabaseUnusable where a page is damaged; all of the file is read, but indexes are not compared."""
    _check(path, timeout_seconds, "quick_check")


def check_whole(path: Path, timeout_seconds: float) -> None:
    """Raise DatabaseUnusable where anything in the file is damaged; all of it is read."""
    _check(path, timeout_seconds, "integrity_check")


def _check(path: Path, timeout_seconds: float, check: str) -> None:
    ((found,),) = _asked(path, timeout_seconds, f"PRAGMA {check}(1)")
    if found != "ok":
        raise DatabaseUnusable(_words(path, f"the integrity check found: {' '.join(found.split())}", _DAMAGED_HINT))


def _asked(path: Path, timeout_seconds: float, question: str) -> list[Any]:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", timeout_seconds, uri=True)) as connection:
            return connection.execute(question).fetchall()
    except (sqlite3.Error, OSError) as error:
        raise unusable(path, error) from error


def unusable(path: Path, error: BaseException) -> DatabaseUnusable:
    """What an error of SQLite, or of the file system, means."""
    cause = getattr(error, "orig", None) or error
    damaged = getattr(cause, "sqlite_errorname", "") in _DAMAGED
    return DatabaseUnusable(_words(path, str(cause), _DAMAGED_HINT if damaged else _UNDAMAGED_HINT))


def _words(path: Path, reason: str, hint: str) -> str:
    return f"the database file {path} cannot be used: {reason}. Nothing was changed. {hint}"
