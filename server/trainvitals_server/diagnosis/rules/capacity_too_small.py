"""Capacity too small: everything must pass through a layer that is far narrower than what is asked for."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from trainvitals_server.diagnosis.criterion import CLASS_INDEX
from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.loss_form import function_fed
from trainvitals_server.diagnosis.network import Weight, is_matrix, is_recurrent
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
    "Zaslavsky 2015 (bottlenecks); Yang et al. 2018, Breaking the Softmax Bottleneck; Johnson 2019, Deep, Skinny "
    "Neural Networks are not Universal Approximators",
    thresholds={
        "narrower": Threshold(4.0, "a hidden layer so many times narrower than the output is a bottleneck"),
        "outputs": Threshold(4, "with fewer outputs a layer need not be wide to tell them apart"),
        "few": Threshold(3, "so few units, and no more than inputs, bend a surface hardly anywhere (Johnson 2019)"),
    },
    needs=("layers", "loss", "update_ratio"),
    after_warm_up=True,
)

USUAL = 16
"""Units of a hidden layer that are worth a try where nothing asks for more."""


@dataclass(frozen=True, slots=True)
class Narrow:
    """A layer whose `units`, at `places` of an image each, are all that the next one is fed; what is asked of them."""

    layer: str
    units: int
    places: int
    wanted: int
    why: str


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding: the bottleneck, while updates are of a size that would learn."""
    # Beside weights that are frozen a narrow pair is an adapter.
    if not signals.network.weights or signals.loss.game or any(is_matrix(p) for _, p in signals.network.left_out):
        return
    narrow = signals.shelf(thresholds).remember("narrowest", signals.network, lambda: _narrowest(signals, thresholds))
    if narrow is None:
        return
    # A line can order classes and not part them: of a single unit no training makes good features. Where most is
    # learned all the same it lies beside the path.
    left = signals.loss.share_left
    single = narrow.units * narrow.places == 1 and _classes(signals) >= thresholds["outputs"]
    single = single and (left is None or left >= signals.thresholds["loss"]["stalled_share"])
    certain = single or _few_for_many(signals, narrow, thresholds) or _too_few_at_the_end(signals, narrow, thresholds)
    if not certain and signals.once(Rate).side is not None:
        return
    yield Finding(
        layer=narrow.layer,
        series=signals.loss.key,
        first_step=0,
        last_step=signals.step,
        value=float(narrow.units),
        threshold=f"at least {narrow.wanted} units",
        summary=narrow.why,
        causes=(Cause("capacity_too_small", narrow.why, 0),),
        remedy=f"Make {narrow.layer} wider: {max(narrow.wanted, _outputs(signals), USUAL)} units or more.",
        expect="The training loss falls below the level at which it stopped.",
        by_definition=certain,
        blocking=True,
    )


def _few_for_many(signals: Signals, narrow: Narrow, thresholds: Thresholds) -> bool:
    """Whether two or three units are all there is between many classes, and the loss hardly moves any more.

    The scores of all classes lie in a plane (Yang et al. 2018), where a loss falls for ever without coming down; large
    updates that showed in the loss may be as good a reason.
    """
    units, rate = narrow.units * narrow.places, signals.once(Rate)
    if units > thresholds["few"] or _classes(signals) < max(thresholds["outputs"], thresholds["narrower"] * units):
        return False
    return signals.loss.crawls and (rate.side is None or (rate.side == "high" and not rate.stalls))


def _too_few_at_the_end(signals: Signals, narrow: Narrow, thresholds: Thresholds) -> bool:
    """Whether a run is over that had two or three units for several classes, and half of its loss is left."""
    left = signals.loss.share_left
    far = left is not None and left >= signals.thresholds["loss"]["stalled_share"]
    few = narrow.units * narrow.places <= thresholds["few"] and _classes(signals) >= thresholds["outputs"]
    return signals.ended and far and few and not signals.warming_up and signals.once(Rate).side is None


def _outputs(signals: Signals) -> int:
    return signals.network.weights[-1].shape[0]


def _classes(signals: Signals) -> int:
    kind = signals.criterion.get("type") or function_fed(signals).get("type")
    return _outputs(signals) if kind in CLASS_INDEX else 0


def _narrowest(signals: Signals, thresholds: Thresholds) -> Narrow | None:
    """The narrowest layer that is too narrow for the outputs, or to bend what it makes of the inputs.

    A layer beside the main path (a score of attention) has a next layer that takes more; that of a gate or an adapter
    gives back the width that was taken.
    """
    last = signals.network.weights[-1]
    shapes = {layer["name"]: layer["output_shape"] for layer in signals.network.layers}
    found = list[Narrow]()
    for one, following in pairwise(signals.network.weights):
        units = _units(signals, one)
        places = math.prod((shapes.get(one.layer) or [])[2:]) if len(one.shape) > 2 else 1
        gives_back = units < one.shape[1] == following.shape[0] and following is not last
        if following.fan_in > 0 and _takes(following, units, places) and not gives_back:
            asked = _asked(signals, units, places, thresholds)
            if asked is not None:
                name = f"{one.layer} has {units} unit{'s' if units > 1 else ''}"
                found.append(Narrow(one.layer, units, places, asked[0], f"{name}, through which {asked[1]}"))
    return min(found, key=lambda narrow: narrow.units * narrow.places, default=None)


def _asked(signals: Signals, units: int, places: int, thresholds: Thresholds) -> tuple[int, str] | None:
    """How many units there should be at least, and what must pass; None where these are enough."""
    outputs = _outputs(signals)
    if outputs >= thresholds["outputs"] and units <= outputs / thresholds["narrower"]:
        return math.ceil(outputs / thresholds["narrower"]), f"all {outputs} outputs must be told apart"
    first = signals.network.weights[0]
    inputs = first.shape[1] if first.layer_type == "Linear" else 0
    if places == 1 and units <= min(inputs, thresholds["few"]):
        return inputs + 1, f"all that {inputs} inputs say must pass"
    return None


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
