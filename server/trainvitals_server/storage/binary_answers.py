"""Binary answers of Postgres: a megabyte of buckets would otherwise travel, and be parsed, as two of digits."""

from typing import Any

from sqlalchemy import Connection, Engine, event

OPTION = "trainvitals_binary"
"""The execution option of connections that ask for them; what alembic looks up has types without a binary form."""

_BINARY = 1
"""`psycopg.pq.Format.BINARY`, which is there only where Postgres is used."""


def install(engine: Engine) -> None:
    """Let connections of this Postgres engine have the option."""

    @event.listens_for(engine, "before_cursor_execute")
    def execute(connection: Connection, cursor: Any, *_: object) -> None:
        if connection.get_execution_options().get(OPTION):
            cursor.format = _BINARY
