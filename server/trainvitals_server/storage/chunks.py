"""Chunks as they are read: which there are, and their points."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Integer, and_, column, func, or_, select, tuple_, values

from trainvitals_server.storage.pieces import unpack_ascending, unpack_pieces
from trainvitals_server.storage.series_values import SeriesValues
from trainvitals_server.storage.stretch import Stretch
from trainvitals_server.tables import Axis, Chunk

NAMED_MAX = 2000
"""Chunks named in one question."""

PARTS_NAMED_MAX = 500
"""The same, of each a part."""


class ListedChunk(NamedTuple):
    """A chunk without its points."""

    run_id: str
    series_id: int
    first_step: int
    born: int
    last_step: int
    size: int
    axis_id: str
    summary: bytes


Name = tuple[str, int, int, int]
"""The primary key of a chunk."""

Steps = tuple[int, int]
"""A window of steps, both included."""

KEY = (Chunk.run_id, Chunk.series_id, Chunk.first_step, Chunk.born)
_PART = values(
    *(column(own.key, own.type) for own in KEY), column("place", Integer), column("length", Integer), name="part"
)
COLUMNS = (
    *KEY,
    Chunk.last_step,
    Chunk.size,
    Chunk.axis_id,
    Chunk.summary,
)


def shown(version: int) -> ColumnElement[bool]:
    """Whether a version shows a chunk."""
    return and_(Chunk.born <= version, Chunk.died > version)


def name_of(chunk: ListedChunk) -> Name:
    """The primary key of a chunk."""
    return chunk.run_id, chunk.series_id, chunk.first_step, chunk.born


def listed(connection: Connection, which: ColumnElement[bool]) -> list[ListedChunk]:
    """Chunks by run, series and first step."""
    rows = connection.execute(select(*COLUMNS).where(which).order_by(*KEY))
    return [ListedChunk._make(row) for row in rows]


def of_series(wanted: Mapping[tuple[str, int], Iterable[int]], window: Steps) -> ColumnElement[bool]:
    """The chunks of several runs' series that reach into a window; `wanted` is {(run, version): series}."""
    runs = [
        and_(Chunk.run_id == run_id, Chunk.series_id.in_(list(series_ids)), shown(version))
        for (run_id, version), series_ids in wanted.items()
    ]
    first_step, last_step = window
    return and_(or_(*runs), Chunk.last_step >= first_step, Chunk.first_step <= last_step)


def points(connection: Connection, chunks: Sequence[ListedChunk], window: Steps) -> dict[Name, SeriesValues]:
    """The points of chunks inside a window, by their keys."""
    found_axes = axes(connection, {(chunk.run_id, chunk.axis_id) for chunk in chunks})
    wanted = {name_of(chunk): found_axes[chunk.run_id, chunk.axis_id] for chunk in chunks}
    # Cut once an axis, so that series which share it share the arrays.
    cut = {id(axis): (axis.places(*window), axis.window(*window)) for axis in found_axes.values()}
    found = {}
    for name, packed in packed_values(connection, list(wanted)):
        (low, high), inside = cut[id(wanted[name])]
        numbers = unpack_pieces(packed, low, high) if low < high else np.empty(0, np.float32)
        found[name] = SeriesValues(inside.steps, inside.times, numbers)
    return found


def stretch_of(connection: Connection, alike: Sequence[ListedChunk]) -> Stretch:
    """The points of chunks of several series that share their axis."""
    found = points(connection, alike, (alike[0].first_step, alike[0].last_step))
    first = found[name_of(alike[0])]
    return Stretch(first.steps, first.times, np.stack([found[name_of(chunk)].values for chunk in alike]))


def axes(connection: Connection, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], SeriesValues]:
    """The steps and times of these runs' axes; they have no values."""
    names = list(wanted)
    found = {}
    for start in range(0, len(names), NAMED_MAX):
        some = names[start : start + NAMED_MAX]
        query = select(*Axis.__table__.columns).where(tuple_(Axis.run_id, Axis.axis_id).in_(some))
        for row in connection.execute(query):
            steps: NDArray[np.int64] = unpack_ascending(row.steps, np.int64)
            times: NDArray[np.float64] = unpack_ascending(row.times, np.float64)
            found[row.run_id, row.axis_id] = SeriesValues(steps, times, np.empty(0, np.float32))
    return found


def packed_values(connection: Connection, names: Sequence[Name]) -> Iterable[tuple[Name, bytes]]:
    """The values of chunks, packed in pieces, with their keys."""
    for start in range(0, len(names), NAMED_MAX):
        query = select(*KEY, Chunk.values)
        for *name, packed in connection.execute(query.where(tuple_(*KEY).in_(names[start : start + NAMED_MAX]))):
            yield tuple(name), packed  # type: ignore[misc]


def parts_of_values(connection: Connection, wanted: Mapping[Name, tuple[int, int]]) -> dict[Name, bytes]:
    """Of the packed values of chunks the bytes `first <= place < end`, which differ from chunk to chunk."""
    entries = list(wanted.items())
    found: dict[Name, bytes] = {}
    for start in range(0, len(entries), PARTS_NAMED_MAX):
        some = [(*name, first + 1, end - first) for name, (first, end) in entries[start : start + PARTS_NAMED_MAX]]
        part = _PART.data(some).cte()
        same = [column == part.c[column.key] for column in KEY]
        query = select(*KEY, func.substr(Chunk.values, part.c.place, part.c.length)).join(part, and_(*same))
        found |= {(run_id, *name): packed for run_id, *name, packed in connection.execute(query)}
    return found
