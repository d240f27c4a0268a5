"""An output that runs after targets made of itself: farther away than any it was shown, at an undiminished pace."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from trainvitals_server.diagnosis.criterion import ELEMENTWISE
from trainvitals_server.diagnosis.history import History
from trainvitals_server.diagnosis.loss_form import function_fed
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.threshold import Thresholds
from trainvitals_wire.loss_names import is_bootstrapped


@dataclass(frozen=True, slots=True)
class Runaway:
    """The output layer, its mean now, the first errors, and since which step it is too far away."""

    layer: str
    mean: float
    error: float
    first_step: int


def runaway(signals: Signals, thresholds: Thresholds) -> Runaway | None:
    """By the thresholds of weights_diverge; None where the loss falls, or where it is not of numbers to predict.

    An untrained network gives about 0, so that the first errors are the size of what it is shown: of targets, or of the
    first rewards. No sum of those, discounted by the usual factors, is so many times as large.
    """
    errors = _errors(signals)
    if errors is None or not signals.network.layers or signals.several_optimizers or signals.loss.signed:
        return None
    if _of_classes(signals):
        return None
    layer = signals.network.layers[signals.network.output_place]["name"]
    mean, samples = signals.of("activation_mean", layer).finite(), int(thresholds["samples"])
    if len(mean) < 2 * samples or len(errors) < 2 * samples:
        return None
    recent = errors.last(max(samples, len(errors) // 4))
    first, late = (float(np.median(part.values)) for part in (errors.first(samples), recent))
    size = max(first, math.sqrt(max(first, 0.0)))
    far = np.abs(mean.values) > thresholds["horizon"] * size
    falls = late < signals.thresholds["loss"]["learned_left"] * first
    if size <= 0 or falls or not far[-samples:].all() or not _keeps_pace(mean, thresholds):
        return None
    return Runaway(layer, float(mean.values[-1]), size, int(mean.steps[np.argmax(far)]))


def _errors(signals: Signals) -> History | None:
    """The judged loss, else the only metric called an error against a bootstrapped target."""
    if len(signals.loss.finite):
        return signals.loss.finite
    found = [history for key in _bootstrapped(signals.metrics) if len(history := signals.history(key).finite())]
    return found[0] if len(found) == 1 else None


def _bootstrapped(metrics: Iterable[str]) -> list[str]:
    return sorted(filter(is_bootstrapped, metrics))


def _of_classes(signals: Signals) -> bool:
    """Whether the outputs are scores of classes, which may be of any size."""
    watched = signals.criterion.get("type")
    return bool(signals.facts("labels") or function_fed(signals)) or (
        watched is not None and watched not in ELEMENTWISE
    )


def _keeps_pace(mean: History, thresholds: Thresholds) -> bool:
    """Whether the later half of the steps takes it as far as the earlier: what comes to rest slows down."""
    begin, middle, end = (float(np.interp(mean.steps[-1] * part, mean.steps, mean.values)) for part in (0, 0.5, 1))
    way = math.copysign(1.0, end)
    return way * (end - middle) >= thresholds["pace"] * way * (middle - begin) > 0
