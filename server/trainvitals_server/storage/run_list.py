"""Pages of the run list: filter, order, and a cursor that says where the last page ended."""

import base64
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, false, func, literal, null, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from trainvitals_server.storage import plain, run_record
from trainvitals_server.storage.errors import InvalidCursor, InvalidSort
from trainvitals_server.tables import Run, Tag
from trainvitals_wire.limits import STEP_MAX

RUNS_MAX = 1000
"""Most runs of one page."""

SORTS: dict[str, InstrumentedAttribute[Any]] = {
    "id": Run.id,
    "project": Run.project,
    "name": Run.name,
    "status": Run.status,
    "group": Run.group,
    "notes": Run.notes,
    "archived": Run.archived,
    "pinned": Run.pinned,
    "created_at": Run.created_at,
    "last_seen_at": Run.last_seen_at,
    "finished_at": Run.finished_at,
    "last_step": Run.last_step,
    "overhead_fraction": Run.overhead_fraction,
}


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs a page may show; None lets all through."""

    project: str | None = None
    status: str | None = None
    tag: str | None = None
    group: str | None = None
    search: str | None = None
    archived: bool = False

    def clauses(self) -> list[ColumnElement[bool]]:
        """The conditions in SQL; `search` looks for a part of id, name, project, group or notes in any case."""
        found: list[ColumnElement[bool]] = [Run.archived == self.archived]
        for column, wanted in ((Run.project, self.project), (Run.status, self.status), (Run.group, self.group)):
            if wanted is not None:
                found.append(column == plain.text(wanted))
        if self.tag is not None:
            found.append(exists().where(Tag.run_id == Run.id, Tag.tag == plain.text(self.tag)))
        if self.search:
            columns = (Run.id, Run.name, Run.project, Run.group, Run.notes)
            found.append(or_(*(column.icontains(plain.text(self.search), autoescape=True) for column in columns)))
        return found


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of the run table, where to go on, and how many runs pass the filter."""

    rows: Sequence[Row[Any]]
    next_cursor: str | None
    total: int


def page(connection: Connection, chosen: RunFilter, sort: str, limit: int, cursor: str | None) -> Page:
    """One page; empty values come last either way. Raises InvalidSort and InvalidCursor."""
    column = SORTS.get(sort.removeprefix("-"))
    if column is None:
        raise InvalidSort(f"runs cannot be sorted by {sort!r}; there are {', '.join(SORTS)}, with - for descending")
    limit = min(max(limit, 1), RUNS_MAX)
    clauses = chosen.clauses()
    descending = sort.startswith("-")
    # First the order alone, then the rows of the page: to sort whole rows would read every config of every run.
    total = func.count().over() if chosen.search and cursor is None else null()
    query = select(Run.id, column.label("value"), total.label("total")).where(*clauses)
    if cursor is not None:
        query = query.where(_after(column, descending, *_read(cursor, sort)))
    found = connection.execute(query.order_by(*_order(column, descending)).limit(limit + 1)).all()
    last = found[limit - 1] if len(found) > limit else None
    next_cursor = None if last is None else _write(sort, last.value, last.id)
    rows = _rows(connection, [row.id for row in found[:limit]])
    return Page(rows, next_cursor, _total(connection, clauses, found))


def _order(column: InstrumentedAttribute[Any], descending: bool) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    first, second = (column.desc(), Run.id.desc()) if descending else (column.asc(), Run.id.asc())
    # Said only where there can be empty values: no index has them last both ways.
    return (first.nulls_last() if column.expression.nullable else first), second


def _rows(connection: Connection, run_ids: list[str]) -> list[Row[Any]]:
    rows = {row.id: row for row in connection.execute(select(*run_record.COLUMNS).where(Run.id.in_(run_ids)))}
    # Deleted in between is gone.
    return [rows[run_id] for run_id in run_ids if run_id in rows]


def _total(connection: Connection, clauses: list[ColumnElement[bool]], found: Sequence[Row[Any]]) -> int:
    if found and found[0].total is not None:
        return int(found[0].total)
    return connection.execute(select(func.count()).select_from(Run).where(*clauses)).scalar() or 0


def _after(column: InstrumentedAttribute[Any], descending: bool, value: Any, run_id: str) -> ColumnElement[bool]:
    beyond_id = Run.id < run_id if descending else Run.id > run_id
    if value is None:
        return and_(column.is_(None), beyond_id)
    # As a parameter of the column's own type: SQLAlchemy compares no column with the words true and false.
    value = literal(value, column.type)
    beyond = column < value if descending else column > value
    nothing = column.is_(None) if column.expression.nullable else false()
    return or_(beyond, and_(column == value, beyond_id), nothing)


def _write(sort: str, value: Any, run_id: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([sort, value, run_id]).encode()).decode().rstrip("=")


def _read(cursor: str, sort: str) -> tuple[Any, str]:
    try:
        entry = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        of_sort, value, run_id = entry
    except (ValueError, TypeError) as error:
        raise InvalidCursor("the cursor is not one that this server gave; start again without it") from error
    if of_sort != sort:
        raise InvalidCursor("the cursor belongs to another sort; start again without it")
    if not isinstance(run_id, str) or plain.text(run_id) != run_id or not _fits(value, SORTS[sort.removeprefix("-")]):
        raise InvalidCursor("the cursor is not one that this server gave; start again without it")
    return value, run_id


def _fits(value: Any, column: InstrumentedAttribute[Any]) -> bool:
    """Whether a sorted column can hold this value."""
    if value is None:
        return bool(column.expression.nullable)
    kind = column.type.python_type
    if kind is float:
        return type(value) in (int, float) and math.isfinite(value)
    if kind is int:
        return type(value) is int and 0 <= value <= STEP_MAX
    return type(value) is kind and plain.value(value) == value
