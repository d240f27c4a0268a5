"""Reading the stored reports back, in the order in which they came."""

import heapq
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, select

from trainvitals_server.storage import past, snapshot
from trainvitals_server.storage.packing import unpack
from trainvitals_server.tables import Columns, Fact, Frame, Histogram, Layers, Run, Series, Writer
from trainvitals_wire.frame import Frame as WireFrame
from trainvitals_wire.histogram import Histogram as WireHistogram
from trainvitals_wire.report import Report

Anything = tuple[Any, ...]

_Contents = tuple[tuple[str, int], Any]
"""Writer and sequence; frames, histograms and facts."""

PAGE_REPORTS = 256
"""Reports read at once, where they are small."""

PAGE_BYTES_MAX = 8 * 2**20
"""Numbers of the reports read at once, but for one report that is larger."""

FETCHED_FRAMES = 32
"""Packed frames that lie in memory while many are read."""

NOBODY = ""
"""The writer of reports that give compacted numbers back."""


def reports(engine: Engine, run_id: str, *, compacted: bool = True) -> Iterator[Report]:
    """The reports of a run; the first carries the run's layers, each its writer's latest counters.

    Numbers that were compacted come as reports of nobody, by ascending step, between the facts and histograms of
    their steps; without `compacted` they are left out. All is of one moment: be quick, or copy.
    """
    with snapshot.reading(engine).connect() as connection:
        layers = connection.execute(select(Layers.body).where(Layers.run_id == run_id)).scalar()
        writers = _writers(connection, run_id)
        for (writer_id, sequence), (frames, histograms, facts) in _contents(connection, run_id, compacted):
            dropped, capture = writers.get(writer_id, ({}, {}))
            yield Report(
                writer_id,
                sequence,
                frames=tuple(frames),
                histograms=tuple(histograms),
                layers=None if layers is None else tuple(layers),
                facts=tuple(facts),
                dropped=dropped,
                capture=capture,
            )
            layers = None


def _contents(connection: Connection, run_id: str, compacted: bool) -> Iterator[_Contents]:
    end = connection.execute(select(Run.cursor).where(Run.id == run_id)).scalar() or 0
    known = snapshot.compacted(connection, [run_id]).get(run_id, snapshot.NOTHING)
    before = _pages(connection, run_id, 0, known.cursor, numbers=False)
    if compacted and known.cursor:
        lists = list(column_lists(connection, run_id).values())
        found = past.frames(connection, run_id, known, lists)
        yield from heapq.merge((((NOBODY, 0), ([frame], [], [])) for frame in found), before, key=_step)
    else:
        yield from before
    yield from _pages(connection, run_id, known.cursor, end, numbers=True)


def _pages(connection: Connection, run_id: str, after: int, until: int, *, numbers: bool) -> Iterator[_Contents]:
    while after < until:
        end = min(after + PAGE_REPORTS, until)
        if numbers:
            end = _fitting(connection, run_id, after, end)
        yield from _page(connection, run_id, after, end, numbers)
        after = end


def _fitting(connection: Connection, run_id: str, after: int, until: int) -> int:
    """The last of these reports of which the frames fit into a page."""
    widths = {name: len(keys) for name, keys in column_lists(connection, run_id).items()}
    query = select(Frame.cursor, Frame.columns_id, Frame.rows)
    size = 0
    for row in connection.execute(_between(query, Frame, run_id, after, until)):
        size += 8 * row.rows * (widths[row.columns_id] + 2)
        if size > PAGE_BYTES_MAX:
            return max(after + 1, int(row.cursor) - 1)
    return until


def _step(contents: _Contents) -> int:
    """The last step that a report is about."""
    frames, histograms, facts = contents[1]
    steps = [int(frame.steps[-1]) for frame in frames]
    return max([*steps, *(item.step for item in histograms), *(item["step"] for item in facts)], default=0)


def frames(connection: Connection, run_id: str, after: int, until: int) -> Iterator[tuple[Row[Any], WireFrame]]:
    """The frames of the reports `after < cursor <= until` with their rows, in order."""
    query = select(
        Frame.cursor, Frame.writer_id, Frame.sequence, Frame.columns_id, Frame.steps, Frame.times, Frame.values
    )
    columns: dict[str, tuple[str, ...]] = {}
    # Fetched piece by piece: a large run's frames must not lie in memory all at once.
    options = {"yield_per": FETCHED_FRAMES} if until - after > FETCHED_FRAMES else {}
    for row in connection.execute(_between(query, Frame, run_id, after, until), execution_options=options):
        if row.columns_id not in columns:
            columns |= column_lists(connection, run_id)
        keys = columns[row.columns_id]
        steps = unpack(row.steps)
        values = unpack(row.values).reshape(len(steps), len(keys))
        yield row, WireFrame(keys, steps, unpack(row.times), values)


def column_lists(connection: Connection, run_id: str) -> dict[str, tuple[str, ...]]:
    """The keys of each column list of a run."""
    found = connection.execute(select(Columns.columns_id, Columns.keys).where(Columns.run_id == run_id))
    return {identifier: tuple(keys.split("\n")) for identifier, keys in found}


def histogram(key: str, row: Row[Any]) -> WireHistogram:
    """The histogram that a row holds."""
    edges = None if row.edges is None else unpack(row.edges)
    return WireHistogram(key, row.step, row.time, unpack(row.buckets), unpack(row.counts), row.nonfinite, edges)


def _writers(connection: Connection, run_id: str) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    found = connection.execute(select(Writer.writer_id, Writer.dropped, Writer.capture).where(Writer.run_id == run_id))
    return {writer_id: (dropped, capture) for writer_id, dropped, capture in found}


def _between(query: Select[*Anything], table: type[Any], run_id: str, after: int, until: int) -> Select[*Anything]:
    chosen = query.where(table.run_id == run_id, table.cursor > after, table.cursor <= until)
    return chosen.order_by(table.cursor, table.place) if hasattr(table, "place") else chosen.order_by(table.cursor)


def _page(connection: Connection, run_id: str, after: int, until: int, numbers: bool) -> Iterator[_Contents]:
    series = select(Series.series_id, Series.key).where(Series.run_id == run_id, Series.kind == "histogram")
    names = {row.series_id: row.key for row in connection.execute(series)}
    found: list[tuple[int, tuple[str, int], int, Any]] = []
    # A frame that was compacted may still be there.
    for row, frame in frames(connection, run_id, after, until) if numbers else ():
        found.append((row.cursor, (row.writer_id, row.sequence), 0, frame))
    for row in connection.execute(_between(select(*Histogram.__table__.columns), Histogram, run_id, after, until)):
        found.append((row.cursor, (row.writer_id, row.sequence), 1, histogram(names[row.series_id], row)))
    for row in connection.execute(_between(select(*Fact.__table__.columns), Fact, run_id, after, until)):
        found.append((row.cursor, (row.writer_id, row.sequence), 2, row.body))
    return iter(_grouped(found))


def _grouped(found: list[tuple[int, tuple[str, int], int, Any]]) -> list[tuple[tuple[str, int], Any]]:
    found.sort(key=lambda item: item[0])
    pages = []
    for _, group in groupby(found, key=lambda item: item[0]):
        items = list(group)
        parts = tuple([item for _, _, part, item in items if part == wanted] for wanted in range(3))
        pages.append((items[0][1], parts))
    return pages
