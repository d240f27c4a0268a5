"""A recurrence without gates through which a gradient fades on its way back to where a sequence begins."""

import math
from dataclasses import dataclass

from trainvitals_server.diagnosis.feed import last_told
from trainvitals_server.diagnosis.history import History
from trainvitals_server.diagnosis.signals import Signals

STEEPEST = {"Sigmoid": 0.25}
"""Function -> its greatest slope, where that is below 1: tanh passes on all of a gradient about 0."""


@dataclass(frozen=True, slots=True)
class Fading:
    """`passed` is the share of the gradient that can come back over all `times` applications of the weight.

    Each of its steps multiplies the gradient by the slope of the function, at most that of `STEEPEST`, and by the
    matrix: one of n inputs whose elements are independent, with standard deviation s, makes a vector s sqrt(n) times
    as long (1 for an orthogonal matrix).
    """

    layer: str
    weight: str
    function: str
    times: int
    passed: History


def fading(signals: Signals) -> Fading | None:
    """The recurrence that passes back least, as the graph and the weights tell."""
    network, shapes = signals.network, {p["name"]: p["shape"] for _, p in signals.network.matrices}
    found = list[Fading]()
    for weight, function in (last_told(signals, "wiring").get("repeated_squashed") or {}).items():
        if function not in STEEPEST or weight not in shapes or weight not in network.repeated:
            continue
        std, times = signals.of("weight_std", weight).finite(), network.repeated[weight]
        inputs = max(shapes[weight][0], math.prod(shapes[weight][1:]))
        passed = (STEEPEST[function] * std.values * math.sqrt(inputs)) ** (times - 1)
        if len(std):
            found.append(Fading(network.owner[weight], weight, function, times, History(std.steps, passed)))
    return min(found, key=lambda one: float(one.passed.values[-1]), default=None)
