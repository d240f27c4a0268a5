"""Missing non-linearity: two linear layers in a row, which are one linear layer."""

from collections.abc import Iterator
from itertools import pairwise

from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.rule import Rule, Thresholds
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_wire.records import Layer

RULE = Rule(
    title="Missing non-linearity",
    shows="Two linear layers that follow each other in a plain `nn.Sequential`, with nothing between.",
    matters="However many there are, together they are one linear layer: depth buys nothing.",
    todo="Put an activation (ReLU, GELU) between them.",
    source="Goodfellow, Bengio and Courville 2016, section 6.1; Zhang et al. 2020 (a common fault of programs)",
    thresholds={},
    needs=("layers",),
    scope="layer",
    by_definition=True,
)


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """One finding a pair. A bottleneck between them factorises on purpose, and is left alone."""
    for first, second in pairwise(signals.network.layers):
        if _adjacent(first, second) and _linear(first) and _linear(second) and not _bottleneck(first, second):
            yield _finding(signals, first["name"], second["name"])


def _adjacent(first: Layer, second: Layer) -> bool:
    """Whether nothing can hide between two layers.

    Only the children of a root that is a Sequential are named by bare numbers and called one after the other; those
    of a ModuleList have its name in front, and any function may be called between them.
    """
    names = first["name"], second["name"]
    return all(name.isdecimal() for name in names) and int(names[1]) == int(names[0]) + 1


def _linear(layer: Layer) -> bool:
    return layer["type"] == "Linear" and bool(layer["parameters"])


def _bottleneck(first: Layer, second: Layer) -> bool:
    middle, inputs = first["parameters"][0]["shape"]
    return bool(middle < min(inputs, second["parameters"][0]["shape"][0]))


def _finding(signals: Signals, first: str, second: str) -> Finding:
    why = f"the linear layers {first} and {second} follow each other without an activation"
    return Finding(
        layer=second,
        first_step=0,
        last_step=signals.step,
        threshold="an activation between linear layers",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("missing_nonlinearity", why, 0),),
        remedy=f"Put an activation such as nn.ReLU() between {first} and {second}.",
        expect="The network fits more than a linear model does.",
        by_definition=True,
    )
