"""How fast the weights move: the update ratio of the whole network, and what it says about the learning rate."""

import math

import numpy as np

from trainvitals_server.diagnosis.block import Floats
from trainvitals_server.diagnosis.history import EMPTY, History
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


def network_ratio(signals: Signals, quantile: float = 0.5) -> History:
    """A quantile of the update ratio over all weight matrices that did not start at zero, at the steps they share."""
    known = signals.owners("update_ratio")
    weights = [weight.name for weight in signals.network.weights if weight.name in known]
    zero_started = np.array([math.isnan(signals.first("update_ratio", name)) for name in weights], bool)
    if zero_started.any() and not zero_started.all():
        weights = [name for name, zero in zip(weights, zero_started, strict=True) if not zero]
    found = signals.across("update_ratio", weights, quantile, lambda values, first: _quantile(values, quantile))
    return found.finite()


def _quantile(values: Floats, quantile: float) -> Floats:
    """Of the finite values [weights, samples] at each sample; NaN where there is none."""
    if np.isfinite(values).all():
        return np.asarray(np.quantile(values, quantile, axis=0), np.float64)
    found = np.full(values.shape[1], np.nan)
    some = np.isfinite(values).any(axis=0)
    if some.any():
        found[some] = np.nanquantile(np.where(np.isfinite(values), values, np.nan)[:, some], quantile, axis=0)
    return found


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
    windows = np.lib.stride_tricks.sliding_window_view(history.values, n)
    return History(history.steps[n - 1 :], np.median(windows, axis=1))


def rate_factor(ratio: float, updates: Thresholds) -> float:
    """By what to multiply the learning rate to bring the update ratio to 1e-3.

    Weights that hardly move leave the gradient as it is, so that the ratio is proportional to the rate, however far
    the factor goes. Updates too large are those of a network that they have changed: the rate is divided by 30 at most.
    """
    least, most = 1 / updates["factor_max"], updates["raise_max"]
    return float(np.clip(updates["fitting_ratio"] / max(ratio, 1e-30), least, most))


def rate_advice(signals: Signals, ratio: float) -> str:
    """The change of the learning rate to try, with the present value where it is known."""
    factor = rate_factor(ratio, signals.thresholds["updates"])
    change = f"Divide the learning rate by {_plain(1 / factor)}"
    if factor >= 1:
        change = f"Multiply the learning rate by {_plain(factor)}"
    peak = signals.once(_peak_rate)
    return f"{change} (from {peak:.3g} to {peak * factor:.3g})." if peak > 0 else f"{change}."


def _plain(factor: float) -> str:
    """Two digits, written out: nobody reads 9.6e+02."""
    return f"{float(f'{factor:.2g}'):,.0f}" if factor >= 100 else f"{factor:.2g}"


def _peak_rate(signals: Signals) -> float:
    """The greatest learning rate so far, 0 where none is known."""
    known = signals.learning_rate.finite()
    return float(known.values.max()) if len(known) else 0.0
