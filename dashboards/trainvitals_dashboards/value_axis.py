"""Puts histograms with many uneven buckets onto an axis that people can read.

Linear where the spread of the columns is alike; logarithmic on both sides of zero where it changes by orders of
magnitude, so that an explosion and what was before it are both to be seen.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainvitals_dashboards.number_format import MINUS

Floats = NDArray[np.float64]
BINS = 72
SPREAD_MAX = 12.0
"""Ratio of the widest to the median column from which a linear axis would show a line."""
TAIL = 0.004
"""Share of the mass that may fall off either end of the axis."""


@dataclass(frozen=True, slots=True)
class ValueAxis:
    """`edges` [n + 1] in values; `places` [n] the middle of each bin as drawn; ticks in drawn units and their text."""

    edges: Floats
    places: Floats
    tick_places: list[float]
    tick_texts: list[str]
    logarithmic: bool

    @property
    def middles(self) -> Floats:
        """The value in the middle of each bin [n], as drawn."""
        return (self.edges[1:] + self.edges[:-1]) / 2

    @property
    def reach(self) -> tuple[float, float]:
        """Both ends of the axis as drawn."""
        half = (self.places[1] - self.places[0]) / 2
        return float(self.places[0] - half), float(self.places[-1] + half)

    def drawn(self, values: Floats) -> Floats:
        """Where `values` lie on the axis; those beyond an end at that end."""
        found: Floats = np.interp(values, self.edges, np.linspace(*self.reach, len(self.edges)))
        return found


def quantile(edges: Floats, counts: Floats, share: float) -> Floats:
    """The quantile of each column of `counts` [columns, buckets], spread evenly in each bucket; NaN without values."""
    found = np.full(len(counts), np.nan)
    for place, column in enumerate(counts):
        used = np.flatnonzero(column > 0)
        if len(used):
            at = np.cumsum(column[used]) / column.sum()
            bucket = int(np.searchsorted(at, share))
            bucket = min(bucket, len(used) - 1)
            before = at[bucket - 1] if bucket else 0.0
            inside = (share - before) / (at[bucket] - before)
            low, high = edges[used[bucket]], edges[used[bucket] + 1]
            found[place] = low + min(max(inside, 0.0), 1.0) * (high - low)
    return found


def fitting(edges: Floats, counts: Floats) -> ValueAxis:
    """An axis for `counts` [columns, buckets] along ascending `edges` [buckets + 1]."""
    counts = _without_zeros(edges, counts)
    reaches = np.array([_reach(edges, column) for column in counts if column.sum() > 0])
    reaches = reaches[reaches > 0]
    if len(reaches) == 0:
        return _linear(-1.0, 1.0)
    typical, widest = float(np.median(reaches)), float(reaches.max())
    if widest > SPREAD_MAX * typical:
        return _two_sided(max(float(reaches.min()) / 20, widest * 1e-7), widest)
    low, high = _ends(edges, counts.sum(axis=0))
    pad = 0.04 * (high - low)
    return _linear(low - pad, high + pad)


def _without_zeros(edges: Floats, counts: Floats) -> Floats:
    """The counts without the bucket around zero: rows of an embedding without a gradient must not set the axis."""
    around_zero = (edges[:-1] < 0) & (edges[1:] > 0)
    others = np.where(around_zero, 0.0, counts)
    return others if others.sum() > 0 else counts


def rebin(edges: Floats, counts: Floats, axis: ValueAxis) -> Floats:
    """`counts` [columns, buckets] as shares [columns, bins] of each column, spread evenly inside each bucket."""
    cumulative = np.concatenate([np.zeros((len(counts), 1)), np.cumsum(counts, axis=1)], axis=1)
    at_edges = np.array([np.interp(axis.edges, edges, row) for row in cumulative]).reshape(len(counts), -1)
    totals = np.maximum(cumulative[:, -1:], 1.0)
    shares: Floats = np.diff(at_edges, axis=1) / totals
    return shares


def _ends(edges: Floats, column: Floats) -> tuple[float, float]:
    mass = np.concatenate([[0.0], np.cumsum(column)]) / max(1.0, column.sum())
    low, high = np.interp([TAIL, 1 - TAIL], mass, edges)
    return (float(low), float(high)) if high > low else (float(low) - 0.5, float(high) + 0.5)


def _reach(edges: Floats, column: Floats) -> float:
    return max(abs(end) for end in _ends(edges, column))


def _linear(low: float, high: float) -> ValueAxis:
    edges = np.linspace(low, high, BINS + 1)
    return ValueAxis(edges, (edges[1:] + edges[:-1]) / 2, [], [], False)


def _two_sided(least: float, most: float) -> ValueAxis:
    """Even in asinh(value / least): linear near zero, logarithmic beyond."""
    reach = float(np.arcsinh(most / least))
    drawn = np.linspace(-reach, reach, BINS + 1)
    decades = np.arange(np.ceil(np.log10(least)) + 1, np.floor(np.log10(most)) + 1)
    decades = decades[:: max(1, -(-len(decades) // 2))]
    positive = [float(np.arcsinh(10.0**decade / least)) for decade in decades]
    texts = [f"10{str(int(decade)).translate(_RAISED)}" for decade in decades]
    return ValueAxis(
        np.sinh(drawn) * least,
        (drawn[1:] + drawn[:-1]) / 2,
        [-place for place in reversed(positive)] + [0.0] + positive,
        [f"{MINUS}{text}" for text in reversed(texts)] + ["0"] + texts,
        True,
    )


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
