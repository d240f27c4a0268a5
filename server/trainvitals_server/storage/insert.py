"""Inserts that leave what is there alone."""

from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase


def insert_new(connection: Connection, table: type[DeclarativeBase], rows: list[dict[str, Any]]) -> None:
    """Insert rows; one whose key is taken changes nothing (ON CONFLICT DO NOTHING without a target)."""
    if not rows:
        return
    connection.execute(_statement(table, connection.dialect.name), rows)


@cache
def _statement(table: type[DeclarativeBase], dialect: str) -> Executable:
    """Made once a table: to build a statement takes longer than to execute it."""
    target = table.__table__
    assert isinstance(target, Table)
    if dialect == "postgresql":
        return postgresql.insert(target).on_conflict_do_nothing()
    return sqlite.insert(target).on_conflict_do_nothing()
