"""Every histogram decodes, and its counts fit its buckets."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, select

from trainvitals_server.storage.packing import unpack
from trainvitals_server.tables import Histogram, Series

PAGE_HISTOGRAMS = 256


def check(connection: Connection, run: Row[Any], looked_at: "Counter[str]") -> Iterator[str]:
    """A listed series, as many counts as buckets, buckets that ascend, edges that ascend."""
    listed = select(Series.series_id).where(Series.run_id == run.id, Series.kind == "histogram")
    known = set(connection.execute(listed).scalars())
    query = select(Histogram.__table__).where(Histogram.run_id == run.id).order_by(Histogram.series_id, Histogram.step)
    for row in connection.execute(query, execution_options={"yield_per": PAGE_HISTOGRAMS}):
        looked_at["histograms"] += 1
        place = f"histogram of series {row.series_id} at step {row.step}"
        if row.series_id not in known:
            yield f"{place}: there is no such histogram series"
        if not 1 <= row.cursor <= run.cursor:
            yield f"{place} lies beyond the {run.cursor} reports of the run"
        try:
            _decode(row)
        except Exception as error:
            yield f"{place} cannot be decoded: {error}"


def _decode(row: Row[Any]) -> None:
    buckets, counts = unpack(row.buckets), unpack(row.counts)
    if len(buckets) != len(counts) or row.nonfinite < 0:
        raise ValueError(f"{len(buckets)} buckets, {len(counts)} counts, {row.nonfinite} not finite")
    if not (np.diff(buckets.astype(np.int64)) > 0).all():
        raise ValueError("buckets out of order")
    if row.edges is not None:
        edges = unpack(row.edges)
        if not (np.diff(edges) > 0).all() or (len(buckets) and buckets[-1] >= len(edges) - 1):
            raise ValueError("edges out of order, or fewer than buckets")
