"""A loss that falls below zero faster and faster: nothing bounds what is minimised."""

import math
from dataclasses import dataclass

from trainvitals_server.diagnosis.median import median
from trainvitals_server.diagnosis.network import SATURATING, Weight
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.threshold import Thresholds


@dataclass(frozen=True, slots=True)
class Descent:
    """In words, since when, and where the loss is now.

    `of_scores` says that it began about 0 in a network of several outputs, as the likelihood of raw scores does; minus
    a cross-entropy begins at -ln C.
    """

    why: str
    first_step: int
    value: float
    of_scores: bool


def bottomless(signals: Signals) -> Descent | None:
    """The descent, by the thresholds of the rule loss_sign; a likelihood of densities slows down, and is none."""
    thresholds, points = signals.thresholds["loss_sign"], signals.loss.finite
    if signals.loss.windows is None or signals.loss.game:
        return None
    # In the first steps a density's likelihood falls fast as well, but not so far.
    deep, faster = ("fall_early", "faster_early") if signals.warming_up else ("fall", "falls_faster")
    values, quarter = points.values, len(points) // 4
    begin = (len(points) - quarter) // 2
    start, middle, end = (median(values[i : i + quarter]) for i in (0, begin, len(points) - quarter))
    if end > -thresholds[deep] * max(1.0, abs(float(values[0]))) or end >= middle:
        return None
    grows = _grown(signals, thresholds) if middle - end >= thresholds[faster] * (start - middle) else None
    if grows is None:
        return None
    why = f"the loss fell from {values[0]:.3g} to {end:.3g}, faster and faster, and {grows} grew without bound"
    return Descent(why, int(points.steps[0]), end, _of_scores(signals, float(values[0]), thresholds))


def _grown(signals: Signals, thresholds: Thresholds) -> str | None:
    """What a loss without a floor drives up: the output, or the weights where the loss is of these alone."""
    if _output_grows(signals, thresholds):
        return "the output"
    return next((weight.name for weight in signals.network.weights if _runs_away(signals, weight)), None)


def _runs_away(signals: Signals, weight: Weight) -> bool:
    """Whether a weight matrix grew far beyond its start and still grows, as weights_diverge has it."""
    limits, norm = signals.thresholds["weights_diverge"], signals.of("weight_norm", weight.name).finite().values
    most = limits["grown"] * norm[0] if len(norm) else 0.0
    return len(norm) > 1 and norm[-1] > most > 0 and norm[-1] >= limits["still"] * norm[len(norm) // 2]


def _output_grows(signals: Signals, thresholds: Thresholds) -> bool:
    network = signals.network
    heads = network.layers[max(0, network.output_place - 1) : network.output_place + 1]
    if network.layers and network.layers[-1]["type"] in SATURATING:
        return False
    return any(_grows(signals, layer["name"], thresholds["output_growth"]) for layer in heads if layer["parameters"])


def _grows(signals: Signals, layer: str, factor: float) -> bool:
    """In spread, or in size where all samples get the same: a mean beside a variance runs away so."""
    for statistic in ("activation_std", "activation_absmax"):
        size = signals.of(statistic, layer).finite().values
        if len(size) >= 6 and median(size[-3:]) > factor * median(size[:3]):
            return True
    return False


def _of_scores(signals: Signals, start: float, thresholds: Thresholds) -> bool:
    weights = signals.network.weights
    outputs = weights[-1].shape[0] if weights else 1
    return outputs > 2 and abs(start) < thresholds["scores_start"] * math.log(outputs)
