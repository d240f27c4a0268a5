"""Saturated units: sigmoid or tanh outputs pressed against their limits."""

from collections.abc import Collection, Iterator
from functools import partial

from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.history import EMPTY
from trainvitals_server.diagnosis.network import SATURATING
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.squashing import saturated_share, saturating_std, spread, squashed
from trainvitals_server.diagnosis.sustained import Stretch, candidates, stretches, sustained

RULE = Rule(
    title="Saturated units",
    shows="The share of a squashing layer's outputs that lie in its flat ends (tanh beyond 2.5, sigmoid beyond 5). "
    "Where tanh or sigmoid is a function, the share that the std of what goes into it makes at least.",
    matters="The slope there is nearly 0: the gradient stops, whatever the error.",
    todo="Start with smaller weights (Xavier), normalise the inputs, or lower the learning rate if it began later.",
    source="Glorot and Bengio 2010, Understanding the difficulty of training deep feedforward neural networks",
    thresholds={
        "share": Threshold(0.5, "half of a layer; Glorot and Bengio 2010 see whole layers saturate"),
        "blocking_share": Threshold(0.8, "so few units in their slope pass hardly any gradient"),
        "left": Threshold(0.2, "a loss that came down to this share of its start was learned all the same"),
    },
    needs=("layers", "activation_saturated_fraction or activation_std"),
    scope="layer",
)


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """One finding a hidden squashing layer; gates of recurrent layers and the output are meant to saturate."""
    layers = [layer["name"] for layer in signals.network.hidden if layer["type"] in SATURATING]
    suspects = candidates(signals, "activation_saturated_fraction", layers, lambda last: last >= thresholds["share"])
    table = signals.table("activation_saturated_fraction", suspects)
    modules = stretches(signals, table, table.values >= thresholds["share"])
    functions = _of_functions(signals, thresholds)
    every = len(layers) + len(signals.once(squashed))
    found = modules | functions
    lost = 0 < every == len(found) and _lost(signals, tuple(found.values()), thresholds)
    for layer, stretch in found.items():
        units = _whole_units(signals, layer) if layer in modules else 0.0
        told = stretch.first_step, max(stretch.value, units) >= thresholds["blocking_share"], lost
        make = partial(_finding, layer, stretch, units, thresholds, lost=lost, by_function=layer in functions)
        yield signals.shelf(thresholds).keep(layer, told, make)


def _lost(signals: Signals, stretches: Collection[Stretch], thresholds: Thresholds) -> bool:
    """Whether these layers, all that squash, were drawn without a slope and have none behind the warm-up.

    What such a network learns its last layer learns alone: wrong as such, unless that is enough.
    """
    left = signals.loss.share_left
    if signals.warming_up or (left is not None and left < thresholds["left"]):
        return False
    return all(stretch.first_step == 0 and stretch.value >= thresholds["blocking_share"] for stretch in stretches)


def _of_functions(signals: Signals, thresholds: Thresholds) -> dict[str, Stretch]:
    """The same of each hidden layer whose output goes into a function that squashes it, told by its std."""
    found, known = dict[str, Stretch](), signals.owners("activation_std")
    for layer, function in signals.once(squashed).items():
        points = spread(signals, layer, function) if layer in known else EMPTY
        wide = points.values >= saturating_std(function, thresholds["share"])
        if (stretch := sustained(signals, points, wide)) is not None:
            found[layer] = stretch._replace(value=saturated_share(function, stretch.value))
    return found


def _whole_units(signals: Signals, layer: str) -> float:
    """The share of units that are saturated for nearly all samples, at the last sample; 0 where it is not known."""
    known = signals.of("saturated_unit_fraction", layer).finite().last(1).values
    return float(known[0]) if len(known) else 0.0


def _finding(
    layer: str, stretch: Stretch, units: float, thresholds: Thresholds, *, lost: bool, by_function: bool
) -> Finding:
    whole = f", {units:.0%} of its units for all samples" if units else ""
    from_start = stretch.first_step == 0
    at_first = "Initialise the layer before with Xavier weights."
    if by_function:
        at_first = f"Initialise {layer} with Xavier weights, and take away a factor in front of its function."
    when = "before the first update" if from_start else f"since step {stretch.first_step}"
    return Finding(
        layer=layer,
        series=f"activation_{'std' if by_function else 'saturated_fraction'}/{layer}",
        first_step=stretch.first_step,
        last_step=stretch.last_step,
        value=stretch.value,
        threshold=f"below {thresholds['share']:.0%}",
        summary=f"{stretch.value:.0%} of the outputs of {layer} are saturated {when}",
        causes=(
            Cause(
                "saturated_units",
                f"{stretch.value:.0%} of the outputs of {layer} are at their limits {when}{whole}",
                stretch.first_step,
            ),
        ),
        remedy=at_first if from_start else "Divide the learning rate by 3.",
        expect="Less than a fifth of the outputs is saturated.",
        worst="warning",
        by_definition=lost,
        blocking=max(stretch.value, units) >= thresholds["blocking_share"],
    )
