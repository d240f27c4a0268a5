"""Capacity too small: everything must pass through a layer that is far narrower than what is asked for."""

import math
from collections.abc import Iterator
from itertools import pairwise

from trainvitals_server.diagnosis.criterion import CLASS_INDEX
from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.network import Weight, is_recurrent
from trainvitals_server.diagnosis.rate import Rate
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals

RULE = Rule(
    title="Capacity too small",
    shows="The narrowest layer that the whole signal passes, beside the width of the output, and a training loss that "
    "has stopped falling far from learned.",
    matters="What the narrow layer cannot tell apart no later layer can, however long it is trained.",
    todo="Make the narrow layer wider: at least as wide as the output.",
    source="Goodfellow, Bengio and Courville 2016, Deep Learning, section 5.2 (capacity, underfitting); Tishby and "
    "Zaslavsky 2015 (bottlenecks)",
    thresholds={
        "narrower": Threshold(4.0, "a hidden layer so many times narrower than the output is a bottleneck"),
        "outputs": Threshold(4, "with fewer outputs any width is wide enough"),
    },
    needs=("layers", "loss", "update_ratio"),
    after_warm_up=True,
)


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding: the bottleneck, while updates are of a size that would learn."""
    weights = signals.network.weights
    outputs = weights[-1].shape[0] if weights else 0
    if outputs < thresholds["outputs"] or signals.loss.game:
        return
    narrow = _bottleneck(signals, outputs / thresholds["narrower"])
    if narrow is None or signals.once(Rate).side is not None:
        return
    layer, width = narrow
    why = f"{layer} has {width} unit{'s' if width > 1 else ''}, through which all {outputs} outputs must be told apart"
    yield Finding(
        layer=layer,
        series=signals.loss.key,
        first_step=0,
        last_step=signals.step,
        value=float(width),
        threshold=f"at least {math.ceil(outputs / thresholds['narrower'])} units",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("capacity_too_small", why, 0),),
        remedy=f"Make {layer} wider: {outputs} units or more.",
        expect="The training loss falls below the level at which it stopped.",
        # A line can order classes and not part them: of a single unit no training makes good features.
        by_definition=width == 1 and signals.criterion.get("type") in CLASS_INDEX,
        blocking=True,
    )


def _bottleneck(signals: Signals, width: float) -> tuple[str, int] | None:
    """The narrowest layer below a width whose output is all that the next one is fed.

    A layer beside the main path (a gate, a score of attention) has a next layer that takes more.
    """
    shapes = {layer["name"]: layer["output_shape"] for layer in signals.network.layers}
    weights, found = signals.network.weights, dict[str, int]()
    for one, following in pairwise(weights):
        units = _units(signals, one)
        places = math.prod((shapes.get(one.layer) or [])[2:]) if len(one.shape) > 2 else 1
        if units <= width and following.fan_in > 0 and _takes(following, units, places):
            found[one.layer] = units
    return min(found.items(), key=lambda entry: entry[1]) if found else None


def _units(signals: Signals, weight: Weight) -> int:
    """The width of a layer's output; of a recurrent one that of its hidden state."""
    layers = signals.network.layers
    layer = layers[signals.network.order[weight.layer]]
    if is_recurrent(layer):
        shape = next((p["shape"] for p in layer["parameters"] if "weight_hh" in p["name"]), [0, 0])
        return int(shape[1])
    return weight.shape[0]


def _takes(following: Weight, units: int, places: int) -> bool:
    """Whether a layer is fed just these units, or all their places flattened."""
    inputs = following.shape[1]
    flattened = len(following.shape) == 2 and places > 1 and inputs % units == 0
    return inputs == units or (flattened and inputs <= units * places)
