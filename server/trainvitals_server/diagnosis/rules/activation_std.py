"""Activation std outside 0.5 to 2.0."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from trainvitals_server.diagnosis.fed import Fed, fed
from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.loss_form import chance_of_form
from trainvitals_server.diagnosis.network import RECTIFYING, SATURATING, is_norm
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.sustained import Stretch, candidates, stretches
from trainvitals_server.diagnosis.table import Table
from trainvitals_wire.records import Layer, Severity

RULE = Rule(
    title="Activation std outside 0.5 to 2.0",
    shows="The standard deviation of a hidden layer's output lies outside the band, or has moved far from its start. "
    "Of outputs that are small by design (of LSTM, GRU and attention, before a norm) only a tenth of the band's lower "
    "end counts, of a rectifier's 0.58 of it.",
    matters="Values that grow from layer to layer overflow and saturate what follows; values that shrink to a constant "
    "carry no signal, and no gradient comes back through them.",
    todo="Check the initialisation where it is so from the start, the learning rate where it began later; a "
    "normalisation layer keeps the std where it belongs.",
    source="Deeplearning4j visualisation guide (std of 0.5 to 2.0); Glorot and Bengio 2010",
    thresholds={
        "low": Threshold(0.5, "Deeplearning4j visualisation guide"),
        "high": Threshold(2.0, "Deeplearning4j visualisation guide"),
        "rectified": Threshold(0.58, "what a rectifier leaves of a unit normal's std: sqrt(1/2 - 1/(2 pi))"),
        "extreme_factor": Threshold(10.0, "an order of magnitude outside the band"),
        "drift_factor": Threshold(2.0, "a layer that merely starts high is no symptom until it has doubled"),
        "jump_factor": Threshold(10.0, "He and Xavier keep the std from layer to layer; this is an order of magnitude"),
        "start_factor": Threshold(3.0, "with a jump, a first loss so many times that of chance is its doing"),
        "constant_std": Threshold(1e-6, "about ten times float32's resolution at 1: the output is constant"),
    },
    needs=("layers", "activation_std"),
    scope="layer",
)
SKIPPED = SATURATING | {"Softmax", "LogSoftmax", "Dropout", "Flatten", "Identity"}
"""A sigmoid or softmax never reaches 0.5; what only passes values on mirrors its neighbour."""


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """One finding a hidden layer whose std is outside the band in most of its last samples."""
    high = thresholds["high"]
    layers = signals.at_start("layers with a std", lambda: _judged_layers(signals))
    lows = signals.at_start(("lows", id(thresholds)), lambda: _lows(signals, layers, thresholds))
    least = signals.at_start(("least", id(thresholds)), lambda: np.array(list(lows.values()))[:, None])
    suspects = candidates(signals, "activation_std", list(layers), lambda last: (last > high) | (last < least))
    table = signals.table("activation_std", suspects)
    above = stretches(signals, table, table.values > high)
    below = stretches(signals, table, table.values < np.array([lows[name] for name in suspects])[:, None])
    below |= stretches(signals, table, table.values < thresholds["low"] / thresholds["extreme_factor"])
    constant = stretches(signals, table, table.values < thresholds["constant_std"])
    outside = {**below, **above}
    jump = signals.at_start(("jump", id(thresholds)), lambda: _jump(signals, thresholds))
    if jump is not None and jump.layer in layers:
        yield _jumped(signals, jump, thresholds)
    outgrown = signals.at_start("fed", lambda: fed(signals)) if jump is None else None
    if outgrown is not None and _is_extreme(outgrown, thresholds):
        yield _outgrown(signals, outgrown, thresholds)
    held, shelf = signals.network.held, signals.shelf(thresholds)
    for name, start, since in zip(suspects, table.start.tolist(), _grown_since(table, thresholds), strict=True):
        if (stretch := outside.get(name)) is not None and (jump is None or name != jump.layer):
            onset = constant[name].first_step if name in constant else max(stretch.first_step, since)
            worst = _worst(stretch, start, thresholds)
            told = stretch.first_step, onset, worst, stretch.value > high, stretch.value < thresholds["constant_std"]
            make = partial(_finding, name, stretch, onset, start, worst, lows[name], name in held, thresholds)
            yield shelf.keep(name, told, make)


def _grown_since(table: Table, thresholds: Thresholds) -> list[int]:
    """The step at which each layer had grown; 0 where none has, or it was far outside before any update."""
    # A layer that lies outside from the start is no cause of anything until it grows.
    grown = table.values > thresholds["drift_factor"] * table.start[:, None]
    by_updates = grown.any(axis=1) & ~(table.start > thresholds["high"] * thresholds["extreme_factor"])
    since = np.where(by_updates, table.steps[grown.argmax(axis=1)] if len(table.steps) else 0, 0)
    found: list[int] = since.tolist()
    return found


@dataclass(frozen=True, slots=True)
class _Jump:
    """Where values grow before any update: `layer` brings them to `std`, from that of `before`."""

    layer: str
    std: float
    before: str
    before_std: float

    @property
    def words(self) -> str:
        times = self.std / self.before_std
        return f"the std grows {times:.3g}-fold from {self.before} to {self.layer}, to {self.std:.3g}"


def _jump(signals: Signals, thresholds: Thresholds) -> _Jump | None:
    """The first hidden layer that multiplies what it is fed, or at which a growth from layer to layer gets extreme.

    A norm brings small values up to 1 on purpose; what is large in the first layer already comes from the input.
    """
    factor, extreme = thresholds["jump_factor"], thresholds["high"] * thresholds["extreme_factor"]
    first = before = ("", math.nan)
    held = signals.network.held
    for layer in signals.network.layers[: signals.network.output_place]:
        here = layer["name"], signals.first("activation_std", layer["name"])
        if not math.isfinite(here[1]) or here[1] == 0:
            continue
        if first[0] and not is_norm(layer) and layer["name"] not in held:
            if here[1] > max(thresholds["high"], factor * before[1]):
                return _Jump(*here, *before)
            if here[1] > max(extreme, factor * first[1]):
                return _Jump(*here, *first)
        first, before = first if first[0] else here, here
    return None


def _jumped(signals: Signals, jump: _Jump, thresholds: Thresholds) -> Finding:
    """What the layers do to the values, told before the first update; the first loss shows whether it harms."""
    seen = _in_the_loss(signals, thresholds)
    return Finding(
        layer=jump.layer,
        series=f"activation_std/{jump.layer}",
        first_step=0,
        last_step=signals.step,
        value=jump.std,
        threshold=f"{thresholds['low']:g} to {thresholds['high']:.1f}",
        summary=f"Before the first update {jump.words}",
        causes=(Cause("exploding_activation", f"before the first update {jump.words}{seen}", 0),),
        remedy=f"Look at the scale that {jump.layer} applies: divide by the root of the width, initialise with He or "
        "Xavier weights, or put a normalisation layer before it.",
        expect="Neighbouring layers have stds within a factor of about 2 at step 0.",
        aspect="above",
        by_definition=bool(seen),
    )


def _is_extreme(grown: Fed, thresholds: Thresholds) -> bool:
    extreme = thresholds["high"] * thresholds["extreme_factor"]
    return grown.size > extreme and grown.times > thresholds["jump_factor"]


def _outgrown(signals: Signals, grown: Fed, thresholds: Thresholds) -> Finding:
    """What no layer gave, as a state that each time step adds to, told by what the output layer made of it."""
    why = (
        f"before the first update {grown.weight.layer} is fed values of size {grown.size:.3g} at least, "
        f"{grown.times:.3g} times those of {grown.before}"
    )
    repeated = signals.network.repeated
    steps = f" in {max(repeated.values())} time steps" if repeated else ""
    return Finding(
        layer=grown.weight.layer,
        series=f"activation_std/{grown.weight.layer}",
        first_step=0,
        last_step=signals.step,
        value=grown.size,
        threshold=f"{thresholds['low']:g} to {thresholds['high']:.1f}",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("exploding_activation", f"{why}{_in_the_loss(signals, thresholds)}", 0),),
        remedy=f"Look at what grows{steps} before {grown.weight.layer}, between it and its layers: bound it by tanh or "
        "gates, start recurrent weights small, or put a normalisation layer there.",
        expect="The first loss is close to that of chance.",
        aspect="fed",
        by_definition=bool(_in_the_loss(signals, thresholds)),
    )


def _in_the_loss(signals: Signals, thresholds: Thresholds) -> str:
    """How the first loss shows what the layers do to the values; nothing where it does not."""
    start, chance = signals.loss.start, signals.loss.chance or chance_of_form(signals)
    if start is None or chance is None or not start > thresholds["start_factor"] * chance > 0:
        return ""
    return f", and the first loss is {start:.3g}, that of chance {chance:.3g}"


def _judged_layers(signals: Signals) -> dict[str, Layer]:
    known = signals.owners("activation_std")
    return {layer["name"]: layer for layer in signals.network.hidden if _judged(layer) and layer["name"] in known}


def _judged(layer: Layer) -> bool:
    return layer["type"] not in SKIPPED and "Pool" not in layer["type"]


def _lows(signals: Signals, layers: Mapping[str, Layer], thresholds: Thresholds) -> dict[str, float]:
    """From which std each layer is too low.

    A rectifier halves a normal (He et al. 2015). Of what is small by design only an order of magnitude says something.
    """
    by_design = signals.network.small_by_design
    extreme = 1 / thresholds["extreme_factor"]
    small = {
        name: extreme if name in by_design else thresholds["rectified"] if layer["type"] in RECTIFYING else 1.0
        for name, layer in layers.items()
    }
    return {name: thresholds["low"] * share for name, share in small.items()}


def _finding(
    layer: str,
    stretch: Stretch,
    onset: int,
    start: float,
    worst: Severity,
    low: float,
    held: bool,
    thresholds: Thresholds,
) -> Finding:
    above = stretch.value > thresholds["high"]
    side, bound = ("above", f"{thresholds['high']:.1f}") if above else ("below", f"{low:g}")
    band = f"{thresholds['low'] if above else low:g} to {thresholds['high']:.1f}"
    # A layer that lies a little outside from the start and goes far off later has two stories, each with its onset.
    far = worst != "note"
    since = max(stretch.first_step, onset) if far else stretch.first_step
    usual = above or low > thresholds["low"] / thresholds["extreme_factor"]
    distance = "far " if far and usual else ""
    # What a squashing layer or a norm takes in goes no further: at most the squashing is the trouble.
    harmless = held and above
    return Finding(
        layer=layer,
        series=f"activation_std/{layer}",
        first_step=since,
        last_step=stretch.last_step,
        value=stretch.value,
        threshold=band,
        summary=f"Activation std {stretch.value:.3g} is {distance}{side} {bound} since step {since}",
        causes=() if harmless else _causes(layer, stretch, onset, start, thresholds),
        remedy="Lower the learning rate, or put a normalisation layer before this one."
        if since
        else "Initialise the layers before with He (ReLU) or Xavier (tanh) weights, or add a normalisation layer.",
        expect=f"The std returns to {band} within about 100 steps.",
        aspect=f"far {side}" if far else side,
        worst="note" if harmless else worst,
    )


def _worst(stretch: Stretch, start: float, thresholds: Thresholds) -> Severity:
    """Slightly outside from the start is how many healthy layers are; far outside, or grown, is a symptom."""
    extreme = thresholds["extreme_factor"]
    if stretch.value > thresholds["high"] * extreme or stretch.value < thresholds["low"] / extreme:
        return "warning"
    grown = stretch.value > max(thresholds["high"], start * thresholds["drift_factor"])
    return "warning" if grown else "note"


def _causes(layer: str, stretch: Stretch, onset: int, start: float, thresholds: Thresholds) -> tuple[Cause, ...]:
    """Growth is a cause of what follows; a low std is a symptom of many things, unless the output is constant."""
    when = f"since step {onset}" if onset else "before the first update"
    if stretch.value > thresholds["high"]:
        why = f"std of {layer} is {stretch.value:.3g} {when}, {start:.3g} at first"
        return (Cause("exploding_activation", why, onset),)
    if stretch.value < thresholds["constant_std"]:
        return (Cause("dead_units", f"the output of {layer} is constant {when}", onset),)
    return ()
