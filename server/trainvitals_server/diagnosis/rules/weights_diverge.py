"""Weights diverge: a weight matrix, the bias of the output, or an output that is its own target grows without bound."""

import math
from collections.abc import Iterator
from functools import partial

import numpy as np

from trainvitals_server.diagnosis.block import Floats
from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.history import History
from trainvitals_server.diagnosis.network import Weight
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.runaway import Runaway, runaway
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.sustained import Stretch, sustained

RULE = Rule(
    title="Weights diverge",
    shows="The norm of a weight matrix beside that at its start, while it still grows. Of the output's bias: how far "
    "it lies from 0. Of an output that is a number: how far it went beside the first errors.",
    matters="Weights that grow without bound make every output grow with them, until it overflows; a large bias of the "
    "output says one answer whatever the input is. An output that is its own target, as in Q-learning, may chase it "
    "for ever, and the error beside it stays small.",
    todo="Lower the learning rate, check the sign of the loss and of the weight decay; against large biases of the "
    "output balance the classes or scale the targets.",
    source="Deeplearning4j visualisation guide (parameters that diverge); van Laarhoven 2017 (weights before a norm "
    "grow in healthy runs)",
    thresholds={
        "grown": Threshold(10.0, "an order of magnitude; weights of healthy runs grow a few times (Xavier to trained)"),
        "wide": Threshold(4.0, "times He's std, as high of initialisation"),
        "still": Threshold(1.1, "by so much in the later half of its samples: it has not come to rest"),
        "horizon": Threshold(333.0, "discounted by 0.997 (R2D2, Kapturowski et al. 2019) rewards sum to so many"),
        "samples": Threshold(3, "first errors and last outputs, without single leaps"),
        "pace": Threshold(0.9, "a value that comes to rest slows down; one tenth is its noise"),
        "bias": Threshold(10.0, "log-odds of 22,000 to 1 before the input has said anything"),
    },
    needs=("layers", "weight_norm"),
    scope="layer",
    after_warm_up=True,
)


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """One finding a weight matrix that no norm makes free of scale, and one for the bias of the output."""
    judged, names, limit = signals.at_start(("judged", id(thresholds)), lambda: _judged(signals, thresholds))
    last = signals.last("weight_norm", names, 1)
    wide = ~(last[:, -1] < limit) if last.shape[1] else np.ones(len(judged), bool)
    for place in np.flatnonzero(wide).tolist():
        weight = judged[place]
        stretch = _growth(signals, signals.of("weight_norm", weight.name).finite(), thresholds)
        if stretch is not None:
            make = partial(_finding, signals, weight.name, weight.layer, stretch, thresholds)
            yield signals.shelf(thresholds).keep(weight.name, stretch.first_step, make)
    yield from _output_bias(signals, thresholds)
    if (found := runaway(signals, thresholds)) is not None:
        yield _run_away(signals, found, thresholds)


def _judged(signals: Signals, thresholds: Thresholds) -> tuple[list[Weight], tuple[str, ...], Floats]:
    """The weights that no norm makes free of scale, their names, and the norms [weights] at which to look at them."""
    known, free = signals.owners("weight_norm"), signals.network.before_norms
    judged = [weight for weight in signals.network.weights if weight.name in known and weight.layer not in free]
    names = tuple(weight.name for weight in judged)
    wide = np.array([_wide(weight, thresholds) for weight in judged], np.float64)
    return judged, names, np.maximum(thresholds["grown"] * signals.firsts("weight_norm", names), wide)


def _wide(weight: Weight, thresholds: Thresholds) -> float:
    """The norm of a matrix far wider than He's: what began near zero may grow many times and be well."""
    return thresholds["wide"] * math.sqrt(2 / max(1, weight.fan_in) * math.prod(weight.shape))


def _growth(signals: Signals, norm: History, thresholds: Thresholds) -> Stretch | None:
    """The stretch in which the norm lies far above its start, if it still grows."""
    if len(norm) < 2 or norm.values[-1] < thresholds["still"] * norm.values[len(norm) // 2]:
        return None
    return sustained(signals, norm, norm.values >= thresholds["grown"] * norm.values[0])


def _finding(signals: Signals, name: str, layer: str, stretch: Stretch, thresholds: Thresholds) -> Finding:
    start = signals.first("weight_norm", name)
    why = f"the norm of {name} grew from {start:.3g} to {stretch.value:.3g} and still grows"
    return Finding(
        layer=layer,
        series=f"weight_norm/{name}",
        first_step=stretch.first_step,
        last_step=stretch.last_step,
        value=stretch.value,
        threshold=f"below {thresholds['grown']:g} times its start",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("diverging", why, stretch.first_step),),
        remedy="Divide the learning rate by 3; check that the loss is not maximised and weight decay is not negative.",
        expect="The norms of the weights settle within a few times their start.",
    )


def _run_away(signals: Signals, found: Runaway, thresholds: Thresholds) -> Finding:
    times = abs(found.mean) / found.error
    why = f"outputs are {found.mean:.3g} on average and go on, {times:.3g} times the first errors of {found.error:.2g}"
    return Finding(
        layer=found.layer,
        series=f"activation_mean/{found.layer}",
        first_step=found.first_step,
        last_step=signals.step,
        value=found.mean,
        threshold=f"below {thresholds['horizon']:g} times the first errors",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("diverging", why, found.first_step),),
        remedy="Look at how targets are made of the network's own output: what follows the end of an episode counts "
        "nothing, the discount is below 1, and a target network that is copied now and then makes them.",
        expect="The outputs come to rest at the size of the rewards times the length of an episode.",
        by_definition=True,
        aspect="output",
    )


def _output_bias(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """The bias of the output, beside how unequal the classes are; of numbers to predict it may be anything."""
    if not signals.network.layers or not signals.criterion.get("label_counts"):
        return
    layer = signals.network.layers[signals.network.output_place]
    found = [parameter for parameter in layer["parameters"] if len(parameter["shape"]) == 1]
    if not found:
        return
    name, size = found[0]["name"], np.sqrt(max(1, found[0]["shape"][0]))
    history = signals.of("weight_norm", name).finite()
    bias = History(history.steps, history.values / size)
    stretch = sustained(signals, bias, bias.values > thresholds["bias"])
    if stretch is None:
        return
    why = f"the bias {name} of the output is {stretch.value:.3g} on average since step {stretch.first_step}"
    yield Finding(
        layer=layer["name"],
        series=f"weight_norm/{name}",
        first_step=stretch.first_step,
        last_step=stretch.last_step,
        value=stretch.value,
        threshold=f"a root mean square below {thresholds['bias']:g}",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("class_imbalance", why, stretch.first_step),),
        remedy="Weight the loss by class, or draw the classes equally often; look at a learning rate too high as well.",
        expect="The bias of the output stays within about 5 of 0.",
        worst="note",
        aspect="bias",
    )
