"""Contenders that take turns on one machine, and what their times say with how much certainty."""

import random
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 4000


class Estimate(NamedTuple):
    """A figure with its bootstrap 95 % interval."""

    middle: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.middle:.3f} [{self.low:.3f}, {self.high:.3f}]"


def interleaved(contenders: Sequence[Callable[[], float]], rounds: int) -> NDArray[np.float64]:
    """Seconds [rounds, contenders]; each round every contender runs once, in an order drawn anew."""
    order = random.Random(0)
    seconds = np.empty((rounds, len(contenders)))
    for turn in range(rounds):
        for place in order.sample(range(len(contenders)), len(contenders)):
            seconds[turn, place] = contenders[place]()
    return seconds


def median_ratio(bare: NDArray[np.float64], other: NDArray[np.float64]) -> Estimate:
    """The median of the ratios of pairs."""
    return _bootstrapped(other / bare, lambda ratios: np.median(ratios, axis=-1))


def whole_ratio(bare: NDArray[np.float64], other: NDArray[np.float64]) -> Estimate:
    """All time over all time: for what changes from pair to pair, where a median would leave out the costly ones."""
    pairs = np.stack([bare, other], axis=-1)
    return _bootstrapped(pairs, lambda drawn: drawn[..., 1].sum(axis=-1) / drawn[..., 0].sum(axis=-1))


def median_extra(bare: NDArray[np.float64], other: NDArray[np.float64]) -> Estimate:
    """The median of the seconds that the other takes more, a pair."""
    return _bootstrapped(other - bare, lambda extra: np.median(extra, axis=-1))


def _bootstrapped(
    values: NDArray[np.float64], figure: Callable[[NDArray[np.float64]], NDArray[np.float64]]
) -> Estimate:
    """`values` [pairs, ...]; `figure` takes [..., pairs] or [..., pairs, 2] and gives [...]."""
    drawn = values[np.random.default_rng(0).integers(len(values), size=(RESAMPLES, len(values)))]
    low, high = np.percentile(figure(drawn), [2.5, 97.5])
    return Estimate(float(figure(values)), float(low), float(high))
