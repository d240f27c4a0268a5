"""Activation std outside 0.5 to 2.0."""

from collections.abc import Iterator

from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.network import SATURATING
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.sustained import Stretch, candidates, stretches
from trainvitals_wire.records import Layer, Severity

RULE = Rule(
    title="Activation std outside 0.5 to 2.0",
    shows="The standard deviation of a hidden layer's output lies outside the band, or has moved far from its start.",
    matters="Values that grow from layer to layer overflow and saturate what follows; values that shrink to a constant "
    "carry no signal, and no gradient comes back through them.",
    todo="Check the initialisation where it is so from the start, the learning rate where it began later; a "
    "normalisation layer keeps the std where it belongs.",
    source="Deeplearning4j visualisation guide (std of 0.5 to 2.0); Glorot and Bengio 2010",
    thresholds={
        "low": Threshold(0.5, "Deeplearning4j visualisation guide"),
        "high": Threshold(2.0, "Deeplearning4j visualisation guide"),
        "extreme_factor": Threshold(10.0, "an order of magnitude outside the band"),
        "drift_factor": Threshold(2.0, "a layer that merely starts high is no symptom until it has doubled"),
        "constant_std": Threshold(1e-6, "about ten times float32's resolution at 1: the output is constant"),
    },
    needs=("layers", "activation_std"),
    scope="layer",
)
SKIPPED = SATURATING | {"Softmax", "LogSoftmax", "Dropout", "Flatten", "Identity"}
"""A sigmoid or softmax never reaches 0.5; what only passes values on mirrors its neighbour."""


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """One finding a hidden layer whose std is outside the band in most of its last samples."""
    low, high, known = thresholds["low"], thresholds["high"], signals.owners("activation_std")
    layers = {layer["name"]: layer for layer in signals.network.hidden if _judged(layer) and layer["name"] in known}
    suspects = candidates(signals, "activation_std", list(layers), lambda last: (last > high) | (last < low))
    table = signals.table("activation_std", suspects)
    above = stretches(signals, table, table.values > high)
    below = stretches(signals, table, table.values < low)
    below |= stretches(signals, table, table.values < low / thresholds["extreme_factor"])
    constant = stretches(signals, table, table.values < thresholds["constant_std"])
    outside = {**below, **above}
    starts = table.start
    grown = table.values > thresholds["drift_factor"] * starts[:, None]
    for place, name in enumerate(suspects):
        if (stretch := outside.get(name)) is not None:
            # A layer that lies outside from the start is no cause of anything until it grows.
            since = int(table.steps[int(grown[place].argmax())]) if grown[place].any() else 0
            onset = constant[name].first_step if name in constant else max(stretch.first_step, since)
            yield _finding(layers[name], stretch, onset, float(starts[place]), thresholds)


def _judged(layer: Layer) -> bool:
    return layer["type"] not in SKIPPED and "Pool" not in layer["type"]


def _finding(layer: Layer, stretch: Stretch, onset: int, start: float, thresholds: Thresholds) -> Finding:
    above = stretch.value > thresholds["high"]
    bound = thresholds["high" if above else "low"]
    side = "above" if above else "below"
    key = f"activation_std/{layer['name']}"
    return Finding(
        layer=layer["name"],
        series=key,
        first_step=stretch.first_step,
        last_step=stretch.last_step,
        value=stretch.value,
        threshold=f"{thresholds['low']:g} to {thresholds['high']:.1f}",
        summary=f"Activation std {stretch.value:.3g} is {side} {bound:.1f} since step {stretch.first_step}",
        causes=_causes(layer["name"], stretch, onset, start, thresholds),
        remedy="Lower the learning rate, or put a normalisation layer before this one."
        if stretch.first_step
        else "Initialise the layers before with He (ReLU) or Xavier (tanh) weights, or add a normalisation layer.",
        expect=f"The std returns to {thresholds['low']:g} to {thresholds['high']:.1f} within about 100 steps.",
        aspect=side,
        worst=_worst(stretch, start, above, thresholds),
    )


def _worst(stretch: Stretch, start: float, above: bool, thresholds: Thresholds) -> Severity:
    """Slightly outside from the start is how many healthy layers are; far outside, or grown, is a symptom."""
    extreme = thresholds["extreme_factor"]
    if stretch.value > thresholds["high"] * extreme or stretch.value < thresholds["low"] / extreme:
        return "warning"
    return "warning" if above and stretch.value > start * thresholds["drift_factor"] else "note"


def _causes(layer: str, stretch: Stretch, onset: int, start: float, thresholds: Thresholds) -> tuple[Cause, ...]:
    """Growth is a cause of what follows; a low std is a symptom of many things, unless the output is constant."""
    when = f"since step {onset}" if onset else "before the first update"
    if stretch.value > thresholds["high"]:
        why = f"std of {layer} is {stretch.value:.3g} {when}, {start:.3g} at first"
        return (Cause("exploding_activation", why, onset),)
    if stretch.value < thresholds["constant_std"]:
        return (Cause("dead_units", f"the output of {layer} is constant {when}", onset),)
    return ()
