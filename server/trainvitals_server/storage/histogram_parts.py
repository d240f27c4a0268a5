"""Parts of a key's histograms: each as it was logged, or the sum of neighbours."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Row, and_, or_, select

from trainvitals_server.storage.packing import unpack
from trainvitals_server.tables import Histogram, HistogramSum
from trainvitals_wire.histogram import BUCKETS

Steps = tuple[int, int]
"""A window of steps, both included."""


@dataclass(frozen=True, slots=True)
class Part:
    """Sparse counts of all histograms between two steps; `edges` is None for the fixed buckets."""

    first_step: int
    last_step: int
    size: int
    time: float
    buckets: NDArray[np.uint16]
    counts: NDArray[np.uint64]
    nonfinite: int
    edges: NDArray[np.float64] | None = None

    def dense(self) -> NDArray[np.int64]:
        """The counts of all buckets, empty ones included."""
        counts = np.zeros(BUCKETS if self.edges is None else len(self.edges) - 1, np.int64)
        counts[self.buckets] = self.counts
        return counts


def logged(
    connection: Connection, run_id: str, series_id: int, windows: Sequence[Steps], most: int | None = None
) -> list[Part]:
    """The histograms as they were logged, by step, at most `most`; of one step the last written."""
    inside = or_(*(and_(Histogram.step >= first, Histogram.step <= last) for first, last in windows))
    if not windows:
        return []
    query = select(*Histogram.__table__.columns).where(of_series(Histogram, run_id, series_id), inside)
    rows = connection.execute(query.order_by(Histogram.step, Histogram.cursor).limit(most)).all()
    newest = {row.step: row for row in rows}
    if len(rows) == most and len(newest) > 1:
        # A later one of the last step may have been cut off.
        newest.popitem()
    return [part_of(row) for row in newest.values()]


def part_of(row: Row[Any]) -> Part:
    """The part that one logged histogram is."""
    edges = None if row.edges is None else unpack(row.edges)
    buckets, counts = unpack(row.buckets), unpack(row.counts)
    return Part(row.step, row.step, 1, row.time, buckets, counts, row.nonfinite, edges)


def sums(connection: Connection, run_id: str, series_id: int, width: int, window: Steps) -> list[Part]:
    """The sums of a level that lie in a window whole, by step."""
    which = of_series(HistogramSum, run_id, series_id), HistogramSum.width == width
    inside = HistogramSum.first_step >= window[0], HistogramSum.last_step <= window[1]
    query = select(*HistogramSum.__table__.columns).where(*which, *inside).order_by(HistogramSum.first_step)
    return [
        Part(
            row.first_step,
            row.last_step,
            row.size,
            row.time,
            unpack(row.buckets),
            unpack(row.counts),
            row.nonfinite,
        )
        for row in connection.execute(query)
    ]


def added(parts: Sequence[Part]) -> Part:
    """The sum of neighbours that share the fixed buckets."""
    counts = np.zeros(BUCKETS, np.uint64)
    for part in parts:
        counts[part.buckets] += part.counts
    buckets = np.flatnonzero(counts)
    size, nonfinite = sum(part.size for part in parts), sum(part.nonfinite for part in parts)
    first, last = parts[0], parts[-1]
    return Part(
        first.first_step, last.last_step, size, first.time, buckets.astype(np.uint16), counts[buckets], nonfinite
    )


def of_series(table: type[Histogram] | type[HistogramSum], run_id: str, series_id: int) -> ColumnElement[bool]:
    """The rows of one key."""
    return and_(table.run_id == run_id, table.series_id == series_id)
