"""Pages of the run list: filter, order, and a cursor that says where the last page ended."""

import base64
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, false, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from trainvitals_server.storage import plain, run_record
from trainvitals_server.storage.errors import InvalidCursor, InvalidSort
from trainvitals_server.tables import Run, Tag
from trainvitals_wire.limits import STEP_MAX

RUNS_MAX = 1000
"""Most runs of one page."""

_SORTS: dict[str, InstrumentedAttribute[Any]] = {
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
    column = _SORTS.get(sort.removeprefix("-"))
    if column is None:
        raise InvalidSort(f"runs cannot be sorted by {sort!r}; there are {', '.join(_SORTS)}, with - for descending")
    limit = min(max(limit, 1), RUNS_MAX)
    clauses = chosen.clauses()
    total = connection.execute(select(func.count()).select_from(Run).where(*clauses)).scalar() or 0
    descending = sort.startswith("-")
    order = (column.desc(), Run.id.desc()) if descending else (column.asc(), Run.id.asc())
    query = select(*run_record.COLUMNS).where(*clauses).order_by(order[0].nulls_last(), order[1]).limit(limit + 1)
    if cursor is not None:
        query = query.where(_after(column, descending, *_read(cursor, sort)))
    rows = connection.execute(query).all()
    more = len(rows) > limit
    last = rows[limit - 1] if more else None
    next_cursor = None if last is None else _write(sort, getattr(last, column.key), last.id)
    return Page(rows[:limit], next_cursor, total)


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
    if not isinstance(run_id, str) or plain.text(run_id) != run_id or not _fits(value, _SORTS[sort.removeprefix("-")]):
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
