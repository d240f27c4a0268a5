"""Persistence within the numbers: a state counts when it holds in most of the last points, not at one."""

import math
from collections.abc import Callable, Sequence
from statistics import median
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trainvitals_server.diagnosis.history import History
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.table import Table

Holds = Callable[[NDArray[np.float64]], NDArray[np.bool_]]


class Stretch(NamedTuple):
    """Since when a state holds, until when it was seen, and the median value over its last points."""

    first_step: int
    last_step: int
    value: float


def last_points(signals: Signals) -> int:
    """What holds in eight of the last ten points holds in one of so many, the last three."""
    persistence = signals.thresholds["persistence"]
    return int(persistence["points"]) - math.ceil(persistence["share"] * persistence["points"]) + 1


def candidates(signals: Signals, statistic: str, owners: Sequence[str], holds: Holds) -> list[str]:
    """The owners for which a state may be sustained, told from their last points [owners, points] at once.

    Most layers of most runs are fine: only these are worth a look at their whole history.
    """
    if not owners:
        return []
    points = last_points(signals)
    last = signals.last(statistic, owners, points)
    if last.shape[1] < points:
        return list(owners)
    suspect: list[bool] = (holds(last) | ~np.isfinite(last)).any(axis=1).tolist()  # type: ignore[assignment]
    return [owner for owner, open_question in zip(owners, suspect, strict=True) if open_question]


def stretches(signals: Signals, table: Table, holds: NDArray[np.bool_]) -> dict[str, Stretch]:
    """The owners for which a state is sustained, each with its stretch; `holds` is [owners, steps].

    The same as `sustained` of each owner's finite points, told at once.
    """
    gaps = table.gaps
    found: dict[str, Stretch] = {}
    persistence = signals.thresholds["persistence"]
    n = min(int(persistence["points"]), len(table.steps))
    needed = math.ceil(persistence["share"] * n)
    late = holds[:, len(table.steps) - n :].sum(axis=1) >= needed
    even = np.flatnonzero(late & ~gaps) if n >= persistence["points_min"] else np.empty(0, np.intp)
    if len(even):
        first = _first_steps(holds[even], n, needed)
        value = _medians(table.values[even, -n:], holds[even, -n:])
        steps, last = table.steps[first].tolist(), int(table.steps[-1])
        for place, step, middle in zip(even.tolist(), steps, value.tolist(), strict=True):
            found[table.owners[place]] = Stretch(step, last, middle)
    for place in np.flatnonzero(gaps).tolist():
        finite = np.isfinite(table.values[place])
        if (stretch := sustained(signals, table.history(place), holds[place, finite])) is not None:
            found[table.owners[place]] = stretch
    return {owner: found[owner] for owner in table.owners if owner in found}


def _first_steps(holds: NDArray[np.bool_], n: int, needed: int) -> NDArray[np.intp]:
    """Where the last stretch of each row begins in which each `n` points hold in `needed` [rows].

    A stretch is broken by the last `n` points with more misses than that; misses are few, and looked at alone.
    """
    rows, places = np.nonzero(~holds)
    spare = n - needed
    begins = np.zeros(len(holds), np.intp)
    if len(rows) > spare:
        far, near = slice(spare, None), slice(None, len(rows) - spare)
        broken = (rows[far] == rows[near]) & (places[far] - places[near] < n)
        # Of several assignments to one row the last one, which is the latest, stays.
        begins[rows[near][broken]] = np.minimum(places[near][broken], holds.shape[1] - n) + 1
    later = np.arange(holds.shape[1]) >= begins[:, None]
    return np.asarray((holds & later).argmax(axis=1), np.intp)


def _medians(values: NDArray[np.float64], chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The median of the chosen values of each row."""
    ordered, count = np.sort(np.where(chosen, values, np.inf), axis=1), chosen.sum(axis=1)
    rows = np.arange(len(values))
    return np.asarray((ordered[rows, (count - 1) // 2] + ordered[rows, count // 2]) / 2, np.float64)


def sustained(
    signals: Signals,
    history: History,
    holds: NDArray[np.bool_],
    points: float | None = None,
    share: float | None = None,
) -> Stretch | None:
    """The stretch up to the last point in which `holds` (bool, one a point) is true in `share` of each `points`.

    Without `points` and `share` those of the policy hold: eight of ten.
    """
    persistence = signals.thresholds["persistence"]
    n = min(int(points or persistence["points"]), len(history))
    share = share or persistence["share"]
    if n < persistence["points_min"]:
        return None
    needed = math.ceil(share * n)
    if np.count_nonzero(holds[-n:]) < needed:
        return None
    sums = np.concatenate([[0], np.cumsum(holds)])
    counts = sums[n:] - sums[:-n]
    broken = np.flatnonzero(counts < needed)
    start = int(broken[-1]) + 1 if len(broken) else 0
    first = start + int(np.argmax(holds[start:]))
    value = median(history.values[-n:][holds[-n:]].tolist())
    return Stretch(int(history.steps[first]), int(history.steps[-1]), value)
