"""Layers whose output is squashed by a function, no module: how much of it lies where the function is flat."""

import math
from statistics import NormalDist

from trainvitals_server.diagnosis.feed import told
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
