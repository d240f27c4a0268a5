"""The histograms of one key over time, merged by addition into columns."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trainvitals_server.storage.histogram_parts import Part
from trainvitals_wire.histogram import EDGES, ZERO_BUCKET
from trainvitals_wire.records import HistogramColumns

REBINNED_BUCKETS_MAX = 256
"""Buckets of the common edges where the user's histograms do not share theirs."""


def histogram_columns(key: str, histograms: Sequence[Part], columns_max: int) -> HistogramColumns:
    """Histograms, or sums of them, by ascending step in at most `columns_max` columns of about equally many.

    Only the range of buckets that are used is told.

    Histograms that share their edges are added exactly. Where edges differ they are counted into common, equally wide
    buckets as if each bucket were filled evenly; totals are kept.
    """
    edges, counts = common_counts(histograms)
    sizes = np.array([histogram.size for histogram in histograms], np.int64)
    width = max(1, -(-int(sizes.sum()) // columns_max))
    starts = np.flatnonzero(np.diff((np.cumsum(sizes) - sizes) // width, prepend=-1))
    nonfinite = np.array([histogram.nonfinite for histogram in histograms], dtype=np.int64)
    if len(starts):
        counts = np.add.reduceat(counts, starts, axis=0)
        nonfinite = np.add.reduceat(nonfinite, starts)
    low, high = _used(counts)
    return {
        "key": key,
        "edges": edges[low : high + 1].tolist(),
        "steps": [histograms[place].first_step for place in starts.tolist()],
        "counts": counts[:, low:high].tolist(),
        "nonfinite": nonfinite.tolist(),
    }


def common_counts(histograms: Sequence[Part]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Edges that all have, and the counts [histograms, buckets] between them."""
    kinds = {None if item.edges is None else item.edges.tobytes() for item in histograms}
    if len(kinds) > 1:
        return _rebinned(histograms)
    own = next((item.edges for item in histograms), None)
    edges = EDGES if own is None else own
    counts = np.zeros((len(histograms), len(edges) - 1), np.int64)
    for row, item in zip(counts, histograms, strict=True):
        row[item.buckets] = item.counts
    return edges, counts


def _rebinned(histograms: Sequence[Part]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    ranges = [_range(item) for item in histograms if len(item.buckets)] or [(0.0, 1.0)]
    low, high = min(low for low, _ in ranges), max(high for _, high in ranges)
    size = min(REBINNED_BUCKETS_MAX, max(len(item.dense()) for item in histograms))
    edges = np.linspace(low, high, size + 1)
    counts = np.zeros((len(histograms), size), np.int64)
    for row, item in zip(counts, histograms, strict=True):
        own = EDGES if item.edges is None else item.edges
        filled = np.interp(edges, own, np.append(0, np.cumsum(item.dense())))
        row[:] = np.diff(np.rint(filled).astype(np.int64))
    return edges, counts


def _range(histogram: Part) -> tuple[float, float]:
    edges = EDGES if histogram.edges is None else histogram.edges
    return float(edges[histogram.buckets.min()]), float(edges[int(histogram.buckets.max()) + 1])


def _used(counts: NDArray[np.int64]) -> tuple[int, int]:
    used = np.flatnonzero(counts.any(axis=0)) if len(counts) else np.empty(0, np.int64)
    if not len(used):
        # Nothing but non-finite values: one empty bucket keeps the shape of the answer.
        middle = ZERO_BUCKET if counts.shape[1] == len(EDGES) - 1 else 0
        return middle, middle + 1
    return int(used[0]), int(used[-1]) + 1
