"""Histograms of a run made few: neighbours in time become one, merged by addition, so that no count is lost."""

from collections.abc import Sequence

import numpy as np
from sqlalchemy import Connection, Row, delete, func, select, tuple_, update

from trainvitals_server.storage import histogram_sums
from trainvitals_server.storage.histogram_sums import forget
from trainvitals_server.storage.packing import pack, unpack
from trainvitals_server.tables import Histogram

KEPT_MAX = 100
"""Histograms of one key that stay: as many columns as a page shows."""

MERGED_MAX = 64
"""Most histograms that one step of the work reads, whatever the slice allows: each is decoded."""


def crowded(connection: Connection, run_id: str) -> list[int]:
    """The histogram series of a run that have more than may stay. Those with the user's own edges are left alone."""
    query = (
        select(Histogram.series_id)
        .where(Histogram.run_id == run_id, Histogram.edges.is_(None))
        .group_by(Histogram.series_id)
        .having(func.count() > KEPT_MAX)
    )
    return list(connection.execute(query.order_by(Histogram.series_id)).scalars())


def merge_some(connection: Connection, run_id: str, series_id: int, rows_max: int) -> bool:
    """Halve the number of a stretch of neighbours; whether more is to be done.

    Each call merges the pairs of least distance in steps first, so that what is left is spread evenly whatever was
    merged before.
    """
    steps = _steps(connection, run_id, series_id)
    excess = len(steps) - KEPT_MAX
    if excess <= 0:
        return False
    forget(connection, run_id, series_id)
    pairs = _pairs(steps, min(excess, rows_max, MERGED_MAX))
    histogram_sums.forget(connection, run_id, series_id)
    for left, right in pairs:
        _merge(connection, run_id, series_id, steps[left], steps[right])
    return excess > len(pairs)


def _steps(connection: Connection, run_id: str, series_id: int) -> list[int]:
    query = select(Histogram.step).where(
        Histogram.run_id == run_id, Histogram.series_id == series_id, Histogram.edges.is_(None)
    )
    return list(connection.execute(query.distinct().order_by(Histogram.step)).scalars())


def _pairs(steps: Sequence[int], count: int) -> list[tuple[int, int]]:
    """At most `count` neighbours that share no member, the nearest first."""
    gaps = np.diff(np.array(steps, np.int64))
    taken: set[int] = set()
    pairs: list[tuple[int, int]] = []
    for left in np.argsort(gaps, kind="stable").tolist():
        if len(pairs) == count:
            break
        if left not in taken and left + 1 not in taken:
            taken |= {left, left + 1}
            pairs.append((left, left + 1))
    return pairs


def _merge(connection: Connection, run_id: str, series_id: int, left: int, right: int) -> None:
    """Add the histogram of step `left` to that of `right`; of several of one step the last written counts."""
    of_pair = (Histogram.run_id == run_id, Histogram.series_id == series_id, Histogram.step.in_((left, right)))
    rows = connection.execute(select(Histogram.__table__).where(*of_pair).order_by(Histogram.cursor)).all()
    newest = {row.step: row for row in rows}
    kept = newest[right]
    buckets, counts = _sum([newest[left], kept])
    gone = [(row.step, row.cursor) for row in rows if row is not kept]
    connection.execute(delete(Histogram).where(*of_pair, tuple_(Histogram.step, Histogram.cursor).in_(gone)))
    connection.execute(
        update(Histogram)
        .where(*of_pair, Histogram.cursor == kept.cursor)
        .values(buckets=buckets, counts=counts, nonfinite=newest[left].nonfinite + kept.nonfinite)
    )


def _sum(rows: Sequence[Row[tuple[object, ...]]]) -> tuple[bytes, bytes]:
    buckets = np.concatenate([unpack(row.buckets) for row in rows])
    counts = np.concatenate([unpack(row.counts) for row in rows])
    kept, place = np.unique(buckets, return_inverse=True)
    sums = np.zeros(len(kept), counts.dtype)
    np.add.at(sums, place, counts)
    return pack(kept), pack(sums)
