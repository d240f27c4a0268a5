"""A loss that goes up and down with the place in the epoch, as it does where batches come in the order of the data."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from trainvitals_server.diagnosis.block import Floats
from trainvitals_server.diagnosis.median import quantile
from trainvitals_server.diagnosis.signals import Signals

PERIODS_MIN = 3
PERIOD_MIN = 8
POINTS_MIN = 64
POINTS_MAX = 1024


@dataclass(frozen=True, slots=True)
class Sawtooth:
    """The length of the epoch in steps, Fisher's F of the place in it, the share of the loss's variance that it
    explains, how alike in rank neighbouring places are (-1 to 1), and the height of the wave as a share of the first
    loss."""

    period: int
    f: float
    explained: float
    smooth: float
    height: float


def sawtooth(signals: Signals) -> Sawtooth | None:
    """The strongest period of the loss, None where there is none, or the learning rate goes up and down as well.

    The loss must be known at each step. Batches of a fixed order that was shuffled once explain a part of the loss as
    well, but neighbours are then as different as any two places.
    """
    loss = signals.loss.finite.last(POINTS_MAX)
    rate = signals.learning_rate.values
    n = len(loss)
    if n < POINTS_MIN or int(loss.steps[-1] - loss.steps[0]) != n - 1 or not signals.loss.reference:
        return None
    if len(rate) and bool((np.diff(rate[np.isfinite(rate)]) > 0).any()):
        return None
    rest = _without_trend(loss.values)
    period = _period(rest)
    return None if period is None else _of(rest, period, abs(signals.loss.reference))


def _without_trend(values: Floats) -> Floats:
    """What is left of a straight line and a parabola: the wave must not be taken for the fall of the loss."""
    basis = _parabolas(len(values))
    return np.asarray(values - basis @ (basis.T @ values))


@lru_cache(maxsize=64)
def _parabolas(points: int) -> Floats:
    """An orthonormal basis [points, 3] of the polynomials of degree 2."""
    return np.asarray(np.linalg.qr(np.vander(np.linspace(-1, 1, points), 3))[0])


def _period(rest: Floats) -> int | None:
    """The lag at which the loss is most like itself."""
    n = len(rest)
    power = np.abs(np.fft.rfft(rest - rest.mean(), 2 * n)) ** 2
    alike = np.fft.irfft(power)[:n] / np.maximum(1, n - np.arange(n))
    longest = n // PERIODS_MIN
    if alike[0] <= 0 or longest <= PERIOD_MIN:
        return None
    # The lag must be a peak of its own: a slow wander is alike at every short lag.
    lags = np.arange(PERIOD_MIN, longest)
    peak = (alike[lags] >= alike[lags - 1]) & (alike[lags] >= alike[lags + 1])
    if not peak.any():
        return None
    best = alike[lags[peak]].max()
    return int(lags[peak][np.argmax(alike[lags[peak]] >= 0.9 * best)])


def _of(rest: Floats, period: int, reference: float) -> Sawtooth | None:
    periods = len(rest) // period
    table = rest[-periods * period :].reshape(periods, period)
    profile = table.mean(axis=0)
    total, between = (
        float(((table - table.mean()) ** 2).sum()),
        float(periods * ((profile - profile.mean()) ** 2).sum()),
    )
    within = total - between
    if total <= 0 or within <= 0:
        return None
    f = (between / (period - 1)) / (within / (period * (periods - 1)))
    # By ranks, as Spearman does: a tooth falls as an exponential does, and its tip would count for all the rest.
    centred = profile.argsort().argsort() - (period - 1) / 2
    smooth = float((centred * np.roll(centred, 1)).sum() / (centred**2).sum())
    low, high = quantile(profile, 0.1), quantile(profile, 0.9)
    return Sawtooth(period, f, between / total, smooth, (high - low) / reference)
