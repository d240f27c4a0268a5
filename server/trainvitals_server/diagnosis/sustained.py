"""Persistence within the numbers: a state counts when it holds in most of the last points, not at one."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

from trainvitals_server.diagnosis.history import History
from trainvitals_server.diagnosis.signals import Signals

Holds = Callable[[NDArray[np.float64]], NDArray[np.bool_]]


@dataclass(frozen=True, slots=True)
class Stretch:
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
