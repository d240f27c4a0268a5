"""Inserts that leave what is there alone."""

from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase


def insert_new(connection: Connection, table: type[DeclarativeBase], rows: list[dict[str, Any]]) -> None:
    """Insert rows; one whose key is taken changes nothing (ON CONFLICT DO NOTHING without a target)."""
    if not rows:
        return
    target = table.__table__
    assert isinstance(target, Table)
    if connection.dialect.name == "postgresql":
        connection.execute(postgresql.insert(target).on_conflict_do_nothing(), rows)
    else:
        connection.execute(sqlite.insert(target).on_conflict_do_nothing(), rows)
