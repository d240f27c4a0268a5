"""Layers whose output is squashed by a function, no module: how much of it lies where the function is flat."""

import math
from statistics import NormalDist

import numpy as np

from trainvitals_server.diagnosis.feed import told
from trainvitals_server.diagnosis.history import History
from trainvitals_server.diagnosis.network import RECTIFYING, SATURATING
from trainvitals_server.diagnosis.signals import Signals

FLAT_FROM = {"Tanh": 2.5, "Sigmoid": 5.0}
"""Function -> where saturation begins, as of the statistic activation_saturated_fraction."""


def squashed(signals: Signals) -> dict[str, str]:
    """Hidden layer -> the function that squashes what it gives, by the graph; not where a module does."""
    network, functions = signals.network, dict[str, str]()
    for fact in told(signals, "wiring"):
        functions |= fact.get("squashed") or {}
    owners = {network.owner[weight]: name for weight, name in functions.items() if weight in network.owner}
    hidden = {layer["name"] for layer in network.hidden}
    return {layer: name for layer, name in owners.items() if layer in hidden and layer not in network.held}


def saturated_share(function: str, std: float) -> float:
    """The share of values with mean 0 that lie in the flat ends, by a normal distribution: another mean makes it more.

    What a layer gives is a sum over many inputs.
    """
    return math.erfc(FLAT_FROM[function] / std / math.sqrt(2)) if std > 0 else 0.0


def saturating_std(function: str, share: float) -> float:
    """The std from which on at least this share of the values lies in the flat ends."""
    return FLAT_FROM[function] / NormalDist().inv_cdf(1 - share / 2)


def spread(signals: Signals, layer: str, function: str) -> History:
    """The std of what goes into the function that squashes a layer's output.

    That of the output itself, or what the function makes of it, where a module of the user's own gives that: it may
    steepen what it is given. The mean slope of tanh is 1 - E[y^2], that of a sigmoid E[y (1 - y)]; of a wide normal
    distribution about 0 it is what the slope covers, 2 and 1, times the density at 0.
    """
    network = signals.network
    after = network.layers[network.order[layer] + 1]
    # A module that gives more than the function can does something else as well.
    bound = signals.of("activation_absmax", after["name"]).finite().values
    std, mean = (signals.of(f"activation_{name}", after["name"]).finite() for name in ("std", "mean"))
    own = after["parameters"] or not len(bound) or bound.max() > 1 + 1e-6 or len(std) != len(mean)
    if own or after["type"] in SATURATING | RECTIFYING | {"Identity", "Flatten", "Dropout"}:
        return signals.of("activation_std", layer).finite()
    squares = std.values**2 + mean.values**2
    slope = 1 - squares if function == "Tanh" else mean.values - squares
    covered = 2.0 if function == "Tanh" else 1.0
    return History(std.steps, covered / math.sqrt(2 * math.pi) / np.maximum(slope, 1e-6))
