"""Deleting a run: gone for everybody at once, its many rows slice by slice afterwards.

A tombstone names the run until the last of its rows is gone. Whoever makes a run under its id meanwhile clears the
rest first.
"""

from typing import Any, cast

from sqlalchemy import Connection, CursorResult, Table, delete, select, tuple_

from trainvitals_server.storage.insert import insert_new
from trainvitals_server.tables import (
    Alert,
    Base,
    Deletion,
    Incident,
    Layers,
    Mute,
    RuleStates,
    Run,
    StoredWarning,
    Tag,
    Writer,
)

_SMALL = (Alert, Incident, Layers, Mute, RuleStates, StoredWarning, Tag, Writer)
"""Tables whose rows of one run do not grow with its steps; they are also read without a look at the run."""


def bury(connection: Connection, run_id: str, now: float) -> bool:
    """Delete a run as far as anybody can see, and leave a tombstone; False where there is no such run."""
    # The run's row goes first: it is the lock that writers take.
    if _count(connection.execute(delete(Run).where(Run.id == run_id))) == 0:
        return False
    for table in _SMALL:
        connection.execute(delete(table).where(table.run_id == run_id))
    insert_new(connection, Deletion, [{"run_id": run_id, "deleted_at": now}])
    return True


def buried(connection: Connection) -> list[str]:
    """The runs of which rows are left, the oldest deletion first."""
    return list(connection.execute(select(Deletion.run_id).order_by(Deletion.deleted_at)).scalars())


def clear_slice(connection: Connection, run_id: str, rows_max: int) -> bool:
    """Delete up to `rows_max` rows of a buried run; whether more may be left.

    False also where another server is at it.
    """
    tombstone = select(Deletion.run_id).where(Deletion.run_id == run_id).with_for_update(skip_locked=True)
    if connection.execute(tombstone).first() is None:
        return False
    for table in _tables():
        rows_max -= _clear_table(connection, table, run_id, rows_max)
        if rows_max <= 0:
            return True
    connection.execute(delete(Deletion).where(Deletion.run_id == run_id))
    return False


def clear(connection: Connection, run_id: str) -> None:
    """Delete what is left of a buried run, all at once; nothing where no such run was deleted."""
    if connection.execute(select(Deletion.run_id).where(Deletion.run_id == run_id).with_for_update()).first() is None:
        return
    for table in _tables():
        connection.execute(delete(table).where(table.c.run_id == run_id))
    connection.execute(delete(Deletion).where(Deletion.run_id == run_id))


def _clear_table(connection: Connection, table: Table, run_id: str, rows_max: int) -> int:
    key = tuple_(*table.primary_key.columns)
    some = select(*table.primary_key.columns).where(table.c.run_id == run_id).limit(rows_max)
    return _count(connection.execute(delete(table).where(table.c.run_id == run_id, key.in_(some))))


def _tables() -> list[Table]:
    tombstones = Deletion.__table__
    return [table for table in Base.metadata.sorted_tables if "run_id" in table.columns and table is not tombstones]


def _count(result: Any) -> int:
    return cast(CursorResult[Any], result).rowcount
