"""How far the targets of a regression lie, told by loss and gradient alone, where no criterion is watched."""

import math
from dataclasses import dataclass

import numpy as np

from trainvitals_server.diagnosis.block import Floats
from trainvitals_server.diagnosis.feed import told
from trainvitals_server.diagnosis.history import History
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.threshold import Thresholds
from trainvitals_server.diagnosis.window import spacing


@dataclass(frozen=True, slots=True)
class Distance:
    """The distance of the targets at the start, the size of the output then and now, and the step of `now`."""

    target: float
    first: float
    now: float
    step: int


def distance(signals: Signals, thresholds: Thresholds) -> Distance | None:
    """None where loss and gradient are not those of an elementwise loss far from its targets.

    With U outputs that all lie on one side of their targets, the gradient of the output bias has the norm
    2 sqrt(L / U) under a squared error L, and 1 / sqrt(U) under an absolute one. Where targets spread as well it is
    smaller: with a mean of 1.4 standard deviations 0.8 of that. No other loss keeps to it over several steps; where
    the gradient at the model's output tells a squared error, those before it broke are enough.
    """
    output = signals.network.layers[signals.network.output_place] if signals.network.layers else None
    bias = next((p for p in output["parameters"] if len(p["shape"]) == 1), None) if output else None
    if output is None or bias is None:
        return None
    gradient, loss = signals.of("gradient_norm", bias["name"]), signals.loss.history
    samples = int(thresholds["samples"])
    if (
        spacing(loss.first(samples)) > 1
        and float(np.median(loss.first(samples).values)) >= thresholds["extreme_size"] ** 2
    ):
        samples = int(thresholds["few_samples"])
    steps, at, of_loss = np.intersect1d(gradient.steps, loss.steps, return_indices=True)
    size = _size(signals, output["name"])
    values, losses = gradient.values[at[:samples]], loss.values[of_loss[:samples]]
    if {seen.get("form") for seen in told(signals, "loss_gradient")} == {"squared_error"}:
        broken = np.flatnonzero(~np.isfinite(values) | ~np.isfinite(losses))
        samples = int(broken[0]) if len(broken) and steps[0] == 0 else samples
        values, losses = values[:samples], losses[:samples]
    if len(steps) < samples or not samples or not len(size):
        return None
    units = bias["shape"][0]
    target = _target(values, losses, units, thresholds)
    if target is None:
        return None
    return Distance(target, float(size.values[0]), float(size.last(samples).values.max()), int(size.steps[-1]))


def _target(gradients: Floats, losses: Floats, units: int, thresholds: Thresholds) -> float | None:
    if not (np.isfinite(gradients).all() and np.isfinite(losses).all() and (losses > 0).all()):
        return None
    squared = gradients / (2 * np.sqrt(losses / units))
    # Small batches of targets that spread scatter about their share; no other loss is so large and keeps near it.
    extreme = losses.min() >= thresholds["extreme_size"] ** 2
    share = float(np.median(squared) if extreme else squared.min())
    if share >= thresholds["squared"] and squared.max() <= 1 + thresholds["rounding"]:
        return math.sqrt(float(losses[0]))
    absolute = gradients * math.sqrt(units)
    if np.abs(absolute - 1).max() <= thresholds["rounding"]:
        return float(losses[0])
    return None


def _size(signals: Signals, layer: str) -> History:
    mean, std = signals.of("activation_mean", layer), signals.of("activation_std", layer)
    steps, one, other = np.intersect1d(mean.steps, std.steps, return_indices=True)
    return History(steps, np.hypot(mean.values[one], std.values[other])).finite()
