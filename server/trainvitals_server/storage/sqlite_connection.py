"""A SQLite connection that forgets what it was asked when it goes back to the pool."""

import sqlite3
import weakref
from typing import Any


class SqliteConnection(sqlite3.Connection):
    """Knows its cursors.

    A query that nobody read to its end goes on seeing the file as it was: whoever gets the connection next would read
    the past, or be refused to write (SQLITE_BUSY_SNAPSHOT).
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._cursors: weakref.WeakSet[sqlite3.Cursor] = weakref.WeakSet()

    def cursor(self, *arguments: Any, **options: Any) -> Any:
        """As its base does."""
        cursor = super().cursor(*arguments, **options)
        self._cursors.add(cursor)
        return cursor

    def forget_queries(self) -> None:
        """End every query, read to its end or not."""
        for cursor in tuple(self._cursors):
            cursor.close()
        self._cursors.clear()
