"""What the output layer was fed before the first update, told by what it made of it: no layer may have given that."""

import math
from dataclasses import dataclass

from trainvitals_server.diagnosis.network import Weight
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.updates import norm_before

PLAIN = frozenset({"Linear", "Conv1d", "Conv2d", "Conv3d"})
"""Layers whose weight is [out, in, ...]."""


@dataclass(frozen=True, slots=True)
class Fed:
    """The least size (root of the mean square) of what `weight` was applied to, and of what came before it.

    `before` is the largest of what the layers before gave and the network was fed, of size `before_size`.
    """

    weight: Weight
    size: float
    before: str
    before_size: float

    @property
    def times(self) -> float:
        """By what factor it grew on its way, at least."""
        return self.size / self.before_size


def fed(signals: Signals) -> Fed | None:
    """Of the output layer, where its weight and output are known at step 0.

    No unit gives more than the norm of its weights times that of its input (Cauchy and Schwarz), beside its bias. Of a
    layer that is called again and again only the first call is known.
    """
    weights = [weight for weight in signals.network.weights if weight.layer_type in PLAIN]
    if not weights or signals.network.order[weights[-1].layer] != signals.network.output_place:
        return None
    head = weights[-1]
    norm, given = norm_before(signals, head.name), signals.first("activation_std", head.layer)
    biases = [p["name"] for p in signals.network.layers[signals.network.output_place]["parameters"]]
    bias = sum(norm_before(signals, name) for name in biases if name != head.name)
    sizes = [(f"the output of {layer}", _size(signals, layer)) for layer in _before(signals)]
    entered = signals.history("input_mean").first(1).values, signals.history("input_std").first(1).values
    if all(map(len, entered)):
        sizes.append(("the input", math.hypot(*(float(values[0]) for values in entered))))
    known = [(name, size) for name, size in sizes if math.isfinite(size) and size > 0]
    least = (given * math.sqrt(head.shape[0]) - bias) / (norm * math.sqrt(head.fan_in)) if norm > 0 else math.nan
    if not known or not math.isfinite(least) or least <= 0:
        return None
    return Fed(head, least, *max(known, key=lambda entry: entry[1]))


def _before(signals: Signals) -> list[str]:
    return [layer["name"] for layer in signals.network.layers[: signals.network.output_place]]


def _size(signals: Signals, layer: str) -> float:
    return math.hypot(signals.first("activation_mean", layer), signals.first("activation_std", layer))
