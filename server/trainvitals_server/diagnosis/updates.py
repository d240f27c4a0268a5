"""How fast the weights move: the update ratio of the whole network, and what it says about the learning rate."""

import math

import numpy as np

from trainvitals_server.diagnosis.block import Floats
from trainvitals_server.diagnosis.history import EMPTY, History
from trainvitals_server.diagnosis.median import RunningMedians, quantiles, running_medians
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.threshold import Thresholds


def weight_ratio(signals: Signals, parameter: str) -> History:
    """The finite update ratios of one weight; the first samples of a zero-initialised one are left out."""
    ratio = signals.of("update_ratio", parameter).finite()
    moved = signals.of("update_norm", parameter)
    # Without a weight before the step there is no ratio, so that it begins later than the update itself.
    if len(moved) and len(ratio) and ratio.steps[0] > moved.steps[0]:
        skipped = int(signals.thresholds["updates"]["zero_start_samples"])
        return History(ratio.steps[skipped:], ratio.values[skipped:])
    return ratio


def norm_before(signals: Signals, parameter: str) -> float:
    """The norm of a parameter before the first update, as its first update tells: it is measured after it."""
    moved, ratio = signals.first("update_norm", parameter), signals.first("update_ratio", parameter)
    return moved / ratio if moved > 0 and ratio > 0 else signals.first("weight_norm", parameter)


def network_ratio(signals: Signals, quantile: float = 0.5) -> History:
    """A quantile of the update ratio over all weight matrices that did not start at zero, at the steps they share."""
    weights = signals.at_start("weights that began to move", lambda: _moving_from_start(signals))
    found = signals.across("update_ratio", weights, quantile, lambda values, first: _quantile(values, quantile))
    return found.finite()


def _moving_from_start(signals: Signals) -> tuple[str, ...]:
    """The weight matrices with an update ratio at step 0; all where none has one."""
    known = signals.owners("update_ratio")
    weights = tuple(weight.name for weight in signals.network.weights if weight.name in known)
    return tuple(name for name in weights if not math.isnan(signals.first("update_ratio", name))) or weights


def all_move_from_start(signals: Signals) -> bool:
    """Whether each weight matrix has an update ratio from step 0 on: none starts at zero, and grows out of nothing."""
    moving = frozenset(signals.at_start("weights that began to move", lambda: _moving_from_start(signals)))
    known = signals.owners("update_ratio")
    return all(weight.name in moving for weight in signals.network.weights if weight.name in known)


def _quantile(values: Floats, quantile: float) -> Floats:
    """Of the finite values [weights, samples] at each sample; NaN where there is none."""
    if np.isfinite(values).all():
        return quantiles(values, quantile)
    found = np.full(values.shape[1], np.nan)
    some = np.isfinite(values).any(axis=0)
    if some.any():
        found[some] = np.nanquantile(np.where(np.isfinite(values), values, np.nan)[:, some], quantile, axis=0)
    return found


def smooth_network_ratio(signals: Signals, samples: int, quantile: float = 0.5) -> History:
    """The same without single leaps: the median of each so many successive samples, at the step of the last."""
    ratio = network_ratio(signals, quantile)
    n = min(samples, len(ratio))
    if n == 0:
        return EMPTY
    medians: RunningMedians = signals.at_start(("smooth network ratio", samples, quantile), RunningMedians)
    return History(ratio.steps[n - 1 :], medians.of(ratio.values, n))


def over_weights(signals: Signals, statistic: str) -> History:
    """The median of a statistic over the weight matrices that have it, at each step where one is finite."""
    known = signals.owners(statistic)
    weights = [weight.name for weight in signals.network.weights if weight.name in known]
    return signals.across(statistic, weights, "over_weights", lambda values, _: _quantile(values, 0.5)).finite()


def rolling_median(history: History, points: int) -> History:
    """The median of each `points` successive values, at the step of the last of them."""
    n = min(points, len(history))
    if n == 0:
        return EMPTY
    return History(history.steps[n - 1 :], running_medians(history.values, n))


def rate_factor(ratio: float, updates: Thresholds) -> float:
    """By what to multiply the learning rate to bring the update ratio to 1e-3, by 30 or 1/30 at most.

    The ratio grows with the rate only while the network stays what it is: what it asks for beyond that is found step
    by step.
    """
    most = updates["factor_max"]
    return float(np.clip(updates["fitting_ratio"] / max(ratio, 1e-30), 1 / most, most))


def rate_advice(signals: Signals, ratio: float) -> str:
    """The change of the learning rate to try, with the present value where it is known."""
    updates = signals.thresholds["updates"]
    factor = rate_factor(ratio, updates)
    change = f"Divide the learning rate by {1 / factor:.2g}"
    if factor >= 1:
        change = f"Multiply the learning rate by {factor:.2g}"
    peak = signals.once(_peak_rate)
    values = f" (from {peak:.3g} to {peak * factor:.3g})" if peak > 0 else ""
    # Farther than one change goes.
    farther = ratio * factor < 0.99 * updates["fitting_ratio"]
    again = f", and again until updates are about {updates['fitting_ratio']:g} of the weights" if farther else ""
    search = "; or run a learning-rate search" if farther else ""
    return f"{change}{values}{again}{search}."


def _peak_rate(signals: Signals) -> float:
    """The greatest learning rate so far, 0 where none is known."""
    known = signals.learning_rate.finite()
    return float(known.values.max()) if len(known) else 0.0
