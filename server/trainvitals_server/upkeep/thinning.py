"""Histograms of a run made few: neighbours in time become one, merged by addition, so that no count is lost.

Neighbours with the user's own edges that differ are counted into common buckets, as for reading.
"""

from collections.abc import Sequence

import numpy as np
from sqlalchemy import Connection, delete, func, select, tuple_, update

from trainvitals_server.storage import histogram_sums
from trainvitals_server.storage.histogram_columns import common_counts
from trainvitals_server.storage.histogram_parts import Part, added, part_of
from trainvitals_server.storage.packing import pack
from trainvitals_server.tables import Histogram

KEPT_MAX = 100
"""Histograms of one key that stay: as many columns as a page shows."""

MERGED_MAX = 64
"""Most histograms that one step of the work reads, whatever the slice allows: each is decoded."""


def crowded(connection: Connection, run_id: str) -> list[int]:
    """The histogram series of a run that have more than may stay."""
    query = (
        select(Histogram.series_id)
        .where(Histogram.run_id == run_id)
        .group_by(Histogram.series_id)
        .having(func.count() > KEPT_MAX)
    )
    return list(connection.execute(query.order_by(Histogram.series_id)).scalars())


def merge_some(connection: Connection, run_id: str, series_id: int, rows_max: int) -> bool:
    """Halve the number of a stretch of neighbours; whether more is to be done.

    Each call merges the pairs that stand for the fewest steps first, so that what is left is spread evenly whatever was
    merged before.
    """
    steps = _steps(connection, run_id, series_id)
    excess = len(steps) - KEPT_MAX
    if excess <= 0:
        return False
    pairs = _pairs(steps, min(excess, rows_max, MERGED_MAX))
    histogram_sums.forget(connection, run_id, series_id)
    for left, right in pairs:
        _merge(connection, run_id, series_id, steps[left], steps[right])
    return excess > len(pairs)


def _steps(connection: Connection, run_id: str, series_id: int) -> list[int]:
    query = select(Histogram.step).where(Histogram.run_id == run_id, Histogram.series_id == series_id)
    return list(connection.execute(query.distinct().order_by(Histogram.step)).scalars())


def _pairs(steps: Sequence[int], count: int) -> list[tuple[int, int]]:
    """At most `count` neighbours that share no member, first those that together stand for the fewest steps."""
    # A histogram stands for the steps since the one before. By the distance of two alone, one would swallow its
    # neighbours one after the other where slices are small.
    bounds = np.array([-1, *steps], np.int64)
    spans = bounds[2:] - bounds[:-2]
    taken: set[int] = set()
    pairs: list[tuple[int, int]] = []
    for left in np.argsort(spans, kind="stable").tolist():
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
    parts = [part_of(newest[left]), part_of(kept)]
    gone = [(row.step, row.cursor) for row in rows if row is not kept]
    connection.execute(delete(Histogram).where(*of_pair, tuple_(Histogram.step, Histogram.cursor).in_(gone)))
    connection.execute(
        update(Histogram)
        .where(*of_pair, Histogram.cursor == kept.cursor)
        .values(**_sum(parts), nonfinite=sum(part.nonfinite for part in parts))
    )


def _sum(parts: Sequence[Part]) -> dict[str, bytes | None]:
    if all(part.edges is None for part in parts):
        whole = added(parts)
        return {"buckets": pack(whole.buckets), "counts": pack(whole.counts), "edges": None}
    edges, rows = common_counts(parts)
    counts = rows.sum(axis=0)
    buckets = np.flatnonzero(counts)
    return {
        "buckets": pack(buckets.astype(np.uint16)),
        "counts": pack(counts[buckets].astype(np.uint64)),
        "edges": pack(edges),
    }
