"""A logged divergence that is below zero and adds to the loss: what should be held small is driven up."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from trainvitals_server.diagnosis.history import History
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.threshold import Thresholds
from trainvitals_wire.loss_names import words

DIVERGENCES = frozenset({"kl", "kld", "kldiv", "divergence"})
"""Words by which a term that holds a code to its prior, or a student to its teacher, goes."""
TERMS_MAX = 6
"""Other metrics that are tried as the terms beside it, one and two at a time."""


@dataclass(frozen=True, slots=True)
class Negated:
    """The name of the divergence, since when it was below zero, and where it was and is."""

    key: str
    first_step: int
    first: float
    last: float


def negated(signals: Signals, thresholds: Thresholds) -> Negated | None:
    """The divergence with the wrong sign, by the thresholds of the rule loss_sign.

    A divergence is not below zero (Gibbs' inequality); only an estimate of one may be now and then, and does not go
    on falling. A code may log it with a minus, and subtract it: the loss must hold it with a plus.
    """
    n = int(thresholds["samples"])
    for key in sorted(signals.metrics):
        points = signals.history(key).finite()
        if not words(key) & DIVERGENCES or len(points) < 2 * n:
            continue
        first, last = float(np.median(points.values[:n])), float(np.median(points.values[-n:]))
        if (points.values < 0).all() and last < thresholds["divergence_grows"] * first and _adds(signals, key):
            return Negated(key, int(points.steps[0]), first, last)
    return None


def _adds(signals: Signals, key: str) -> bool:
    """Whether the logged loss is the sum of one or two other metrics and a positive number times this one."""
    tolerance = signals.thresholds["loss_sign"]["agreement"]
    return any(_is_positive_share(rest, part, tolerance) for rest, part in _rests(signals, key))


def _rests(signals: Signals, key: str) -> Iterator[tuple[History, History]]:
    """What is left of the loss without some of the other metrics, beside this one."""
    whole, part = signals.logged_loss.finite().beside(signals.history(key).finite())
    others = [signals.history(name).beside(whole)[0] for name in sorted(signals.metrics) if name != key]
    terms = [
        other.values
        for other in others
        if len(other) == len(whole) and np.isfinite(other.values).all() and (other.values != whole.values).any()
    ]
    for count in (1, 2):
        for chosen in combinations(terms[:TERMS_MAX], count):
            yield History(whole.steps, whole.values - sum(chosen)), part


def _is_positive_share(rest: History, part: History, tolerance: float) -> bool:
    """Whether one is a fixed positive number times the other."""
    if not len(part):
        return False
    quotient = rest.values / part.values
    factor = float(np.median(quotient))
    return factor > 0 and float(np.quantile(np.abs(quotient / factor - 1), 0.9)) <= tolerance
