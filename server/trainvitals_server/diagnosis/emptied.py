"""Layers of whose output a function lets nothing through: what is given on is 0 for all there is."""

import math
from itertools import pairwise

from trainvitals_server.diagnosis.network import Weight
from trainvitals_server.diagnosis.signals import Signals

PLACES_MIN = 2
"""What is multiplied by zero or masked out once is 0 there alone: behind it a bias makes something of nothing."""
LOOKS_MIN = 8
"""As looks of input_ignored: what starts at zero may let something through after its first updates."""
ROUNDING = 1e-4
"""Share of a spread by which outputs may differ from the bias that they are."""


def emptied(signals: Signals) -> tuple[str, ...]:
    """Layers that give something of which nothing but zeros arrives at the next one, from the first look on.

    At two places and more this is a rectifier below whose threshold all units lie, as in `relu(x - 3)`: whether they
    are ever positive then tells nothing of them.
    """
    known, weights = signals.owners("gradient_norm"), signals.network.weights
    names = [weight.name for weight in weights if weight.name in known]
    still = {name for name, zero in zip(names, signals.zero("gradient_norm", names), strict=True) if zero}
    found = tuple(
        one.layer
        for one, after in pairwise(weights)
        if after.name in still
        and one.layer in signals.network.before_functions
        and signals.first("activation_absmax", one.layer) > 0
        and _fed_zeros(signals, after)
    )
    return found if len(found) >= PLACES_MIN else ()


def _fed_zeros(signals: Signals, weight: Weight) -> bool:
    """Whether a weight never gets a gradient for want of an input: its layer gives its bias, or that one gets some."""
    layer = signals.network.layers[signals.network.order[weight.layer]]
    width = [weight.shape[0]]
    bias = next((p["name"] for p in layer["parameters"] if p["shape"] == width), None)
    if bias is None or signals.count("gradient_norm", weight.name) < LOOKS_MIN:
        return False
    if signals.first("gradient_norm", bias) > 0:
        return True
    mean, std = (signals.first(f"activation_{statistic}", weight.layer) for statistic in ("mean", "std"))
    own_mean, own_std = (signals.first(f"weight_{statistic}", bias) for statistic in ("mean", "std"))
    # Of what is not known NaN comes out, which is never small. A bias of 0 alone would not show that it is one.
    return own_std > 0 and math.hypot(mean - own_mean, std - own_std) <= ROUNDING * own_std
