"""Bad initialisation: weights far from what their fan-in asks for, and a first forward pass that shows it."""

import math
from collections.abc import Iterator
from functools import partial

from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.gradients import depth_profile
from trainvitals_server.diagnosis.history import EMPTY
from trainvitals_server.diagnosis.network import RANDOM_TYPES, SATURATING, Weight
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.sensitivity import own_squares, steepest_unclipped
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.squashing import saturated_share, squashed

RULE = Rule(
    title="Bad initialisation",
    shows="The std of a weight matrix before the first update beside He's sqrt(2 / fan-in), together with activations "
    "that saturate, explode or collapse, a gradient that vanishes or explodes, or a loss far above chance, at the "
    "first step; or weights that all start near one value.",
    matters="What is off before the first update is amplified from layer to layer, forward and backward.",
    todo="Use the layer's own default, He for ReLU, Xavier for tanh and sigmoid.",
    source="Glorot and Bengio 2010; He et al. 2015, Delving Deep into Rectifiers",
    thresholds={
        "high": Threshold(4.0, "times He's value; Xavier's and PyTorch's default differ from it by less"),
        "low": Threshold(0.05, "PyTorch's own default is 0.41 of He's value; this is far below any recommended one"),
        "saturated": Threshold(0.5, "Glorot and Bengio 2010: saturation at the start stops learning"),
        "exploded_std": Threshold(20.0, "ten times the upper end of the band of activation_std"),
        "collapsed_std": Threshold(0.01, "a fiftieth of the lower end of the band of activation_std"),
        "one_sided": Threshold(
            3.0, "abs(mean) over std: all weights alike; of 64 random ones the mean lies within 0.5 std"
        ),
        "elements": Threshold(64, "fewer weights may all be of one sign by chance"),
        "vanished": Threshold(1e-3, "as first_to_last of vanishing_gradient"),
        "start_factor": Threshold(3.0, "as factor of loss_at_init: classes named with confidence, and at random"),
        "chaotic": Threshold(1e3, "an update of a thousandth, which is usual, would change the loss by all that it is"),
    },
    needs=("layers", "weight_std", "activation_std or gradient_norm"),
    by_definition=True,
)


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """One finding a hidden weight matrix: both its std and the activations must be off, or all its weights alike."""
    yield from _alike(signals, thresholds)
    yield from _chaotic(signals, thresholds)
    shows = _first_pass(signals, thresholds)
    confident = _confident(signals, thresholds["start_factor"])
    if not shows and confident is None:
        return
    for weight, std, factor in signals.at_start(("far", id(thresholds)), lambda: _far(signals, thresholds)):
        side = "large" if factor > thresholds["high"] else "small"
        if side == "large" and "large" not in shows and confident is not None and _is_drawn(signals, weight):
            yield _kept(signals, weight, std, factor, confident, thresholds)
        if side in shows:
            yield _kept(signals, weight, std, factor, shows[side], thresholds)


def _alike(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """Weights that are all the same: so are all units of the layer, and their gradients, for good."""
    for weight, mean, std in signals.at_start(("alike", id(thresholds)), lambda: _one_sided(signals, thresholds)):
        make = partial(_same, signals.step, weight, mean, std, thresholds)
        yield signals.shelf(thresholds).keep((weight.name, "alike"), None, make)


def _one_sided(signals: Signals, thresholds: Thresholds) -> list[tuple[Weight, float, float]]:
    """The weights far to one side of 0 at the start, each with mean and std."""
    drawn = [weight for weight in signals.network.weights if weight.layer_type in RANDOM_TYPES]
    found = [
        (weight, signals.first("weight_mean", weight.name), signals.first("weight_std", weight.name))
        for weight in drawn
        if math.prod(weight.shape) >= thresholds["elements"]
    ]
    return [(weight, mean, std) for weight, mean, std in found if abs(mean) > thresholds["one_sided"] * std]


def _same(step: int, weight: Weight, mean: float, std: float, thresholds: Thresholds) -> Finding:
    why = f"all weights of {weight.name} start near {mean:.2g} (std {std:.1g}): its units are all alike"
    return Finding(
        layer=weight.layer,
        series=f"weight_std/{weight.name}",
        first_step=0,
        last_step=step,
        value=std,
        threshold=f"abs(mean) below {thresholds['one_sided']:g} times the std",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("bad_initialisation", why, 0),),
        remedy="Use the layer's default initialisation: random weights with mean 0 (He, Xavier).",
        expect="Different units of a layer have different weights and gradients.",
        worst="warning",
        by_definition=True,
        aspect="alike",
    )


def _chaotic(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """A matrix that starts far too wide where the first loss hangs on the last digits of the weights.

    So it is where a state goes through it again and again: it saturates, or each pass multiplies a change of it
    (Pascanu, Mikolov and Bengio 2013).
    """
    found = steepest_unclipped(signals)
    if found is None or found[1] <= thresholds["chaotic"]:
        return
    layer = found[0].layer
    squares = [weight for weight in own_squares(signals.network) if weight.layer == layer]
    for weight in {weight.name: weight for weight in (found[0], *squares)}.values():
        std = _initial_std(signals, weight)
        factor = std / math.sqrt(2 / max(1, weight.fan_in))
        if factor > thresholds["high"]:
            make = partial(_unscaled, signals.step, weight, std, factor, found[1], thresholds)
            yield signals.shelf(thresholds).keep((weight.name, "chaotic"), None, make)


def _unscaled(step: int, weight: Weight, std: float, factor: float, times: float, thresholds: Thresholds) -> Finding:
    why = (
        f"{weight.name} starts with std {std:.2g}, {factor:.2g} times He's value, and by the unclipped gradient "
        f"a thousandth of it more or less would change the loss by {times * 1e-3:.2g} times its size"
    )
    return Finding(
        layer=weight.layer,
        series=f"weight_std/{weight.name}",
        first_step=0,
        last_step=step,
        value=std,
        threshold=f"up to {thresholds['high']:g} times sqrt(2 / fan-in)",
        summary=f"{weight.name} starts {factor:.2g} times as wide as He's initialisation: the first gradient explodes",
        causes=(Cause("bad_initialisation", why, 0),),
        remedy=f"Divide {weight.name} by sqrt({weight.fan_in}), its fan-in, where it is drawn, or start it orthogonal.",
        expect="The norm of the gradient before clipping is of the order of the loss at step 0.",
        worst="warning",
        by_definition=True,
        aspect="chaotic",
    )


def _first_pass(signals: Signals, thresholds: Thresholds) -> dict[str, str]:
    """What the activations of the first step show: `large` or `small` -> the observation."""
    shows = dict(signals.at_start(("shows", id(thresholds)), lambda: _first_activations(signals, thresholds)))
    profile = signals.once(depth_profile)
    first = profile.first_to_last().first(1) if profile is not None else EMPTY
    if len(first) and first.steps[0] == 0 and first.values[0] < thresholds["vanished"]:
        shows.setdefault("small", f"the first layer's gradient is {first.values[0]:.1g} of the last ones' at step 0")
    return shows


def _first_activations(signals: Signals, thresholds: Thresholds) -> dict[str, str]:
    shows: dict[str, str] = {}
    functions = squashed(signals)
    # Of what is small by design, as the branch of a GPT at its start, only an order of magnitude says something.
    by_design, less = signals.network.small_by_design, 1 / signals.thresholds["activation_std"]["extreme_factor"]
    for layer in signals.network.hidden:
        name = layer["name"]
        collapsed = thresholds["collapsed_std"] * (less if name in by_design else 1)
        std = signals.first("activation_std", name)
        saturated = signals.first("activation_saturated_fraction", name)
        if layer["type"] in SATURATING and saturated >= thresholds["saturated"]:
            shows.setdefault("large", f"{saturated:.0%} of the outputs of {name} are saturated at step 0")
        if name in functions and (share := saturated_share(functions[name], std)) >= thresholds["saturated"]:
            shows.setdefault("large", f"{share:.0%} of what {name} gives saturates the {functions[name]} at step 0")
        if std > thresholds["exploded_std"]:
            shows.setdefault("large", f"the std of {name} is {std:.3g} at step 0")
        # Exactly 0 is what a layer makes of a state that starts at 0.
        if 0 < std < collapsed:
            shows.setdefault("small", f"the std of {name} is {std:.1g} at step 0")
    return shows


def _far(signals: Signals, thresholds: Thresholds) -> list[tuple[Weight, float, float]]:
    """The hidden weights that start far from He's value: each with its std, and that as a multiple of He's.

    Of weights that are all alike that says it all, and no scale.
    """
    alike = {weight.name for weight, _, _ in _one_sided(signals, thresholds)}
    hidden = [weight for weight in signals.network.hidden_weights if weight.name not in alike]
    stds = [(weight, _initial_std(signals, weight)) for weight in hidden]
    found = [(weight, std, std / math.sqrt(2 / max(1, weight.fan_in))) for weight, std in stds]
    return [one for one in found if one[2] > thresholds["high"] or one[2] < thresholds["low"]]


def _is_drawn(signals: Signals, weight: Weight) -> bool:
    """Whether a layer's own default draws the weight: one that is the embedding's too starts as embeddings do."""
    owners = [one for one in signals.network.layers if any(p["name"] == weight.name for p in one["parameters"])]
    return weight.layer_type in RANDOM_TYPES and len(owners) == 1


def _confident(signals: Signals, times: float) -> str | None:
    """That the first loss of a classifier is so many times that of one which prefers no class."""
    loss = signals.loss
    if loss.goes_on or loss.start is None or loss.chance is None or not loss.untrained:
        return None
    factor = loss.start / max(loss.chance, loss.untrained)
    return f"the first loss is {factor:.3g} times that of chance" if factor > times else None


def _initial_std(signals: Signals, weight: Weight) -> float:
    """The std before the first update, NaN where it is not known.

    Std and norm are measured after the step; update norm and ratio tell the norm before it, and so the std.
    """
    std = signals.first("weight_std", weight.name)
    after = signals.first("weight_norm", weight.name)
    moved, ratio = signals.first("update_norm", weight.name), signals.first("update_ratio", weight.name)
    if math.isnan(moved) or moved == 0 or not after > 0:
        return std
    return std * moved / ratio / after if ratio > 0 else math.nan


def _kept(signals: Signals, weight: Weight, std: float, factor: float, shown: str, thresholds: Thresholds) -> Finding:
    """What the first step showed stays; only the last step moves."""
    make = partial(_finding, signals.step, weight, std, factor, shown, thresholds)
    return signals.shelf(thresholds).keep(weight.name, (std, factor, shown), make)


def _finding(step: int, weight: Weight, std: float, factor: float, shown: str, thresholds: Thresholds) -> Finding:
    why = f"{weight.name} starts with std {std:.2g}, {factor:.2g} times He's value, and {shown}"
    return Finding(
        layer=weight.layer,
        series=f"weight_std/{weight.name}",
        first_step=0,
        last_step=step,
        value=std,
        threshold=f"{thresholds['low']:g} to {thresholds['high']:g} times sqrt(2 / fan-in)",
        summary=f"{weight.name} starts {factor:.2g} times as wide as He's initialisation",
        causes=(Cause("bad_initialisation", why, 0),),
        remedy="Use the layer's default initialisation, or He for ReLU and Xavier for tanh and sigmoid.",
        expect="Activation stds between 0.5 and 2.0 in all hidden layers at step 0.",
        worst="warning",
        by_definition=True,
    )
