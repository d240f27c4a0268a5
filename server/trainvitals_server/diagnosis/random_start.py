"""Frozen weights that are still as their layer draws them: no training has ever touched them."""

import math

from trainvitals_server.diagnosis.network import is_matrix
from trainvitals_server.diagnosis.signals import Signals

DRAWN_UNIFORM = frozenset({"Linear", "Conv1d", "Conv2d", "Conv3d"})
"""Layers that PyTorch starts uniform within 1 / sqrt(fan-in); the std of that is 1 / sqrt(3 fan-in)."""
VARIANCE_OF_STD = 0.2
"""Of n uniform values the relative variance of the std is (kurtosis 1.8 - 1) / 4n."""


def hardly_learns_on_noise(signals: Signals) -> tuple[tuple[str, ...], float] | None:
    """Weights frozen as drawn under a network that starts at chance and hardly leaves it: names, share of chance left.

    Random features may be meant, and are enough for some tasks; then the loss falls.
    """
    names, loss = frozen_at_random(signals), signals.loss
    if not names or loss.chance is None or loss.start is None or loss.windows is None or loss.warming_up:
        return None
    left = loss.windows[1].mean / loss.chance
    untrained = loss.start >= signals.thresholds["chance"]["untrained_low"] * loss.chance
    return (names, left) if untrained and left >= loss.thresholds["learned_left"] else None


def frozen_at_random(signals: Signals) -> tuple[str, ...]:
    """The frozen weight matrices below the first trained one where all of them are as drawn; else none.

    A trained weight has another std by tens of standard errors, if not in each layer.
    """
    limits = signals.thresholds["frozen_parameters"]
    found: list[str] = []
    elements = 0
    for layer in signals.network.layers:
        for parameter in filter(is_matrix, layer["parameters"]):
            if parameter.get("trainable", True):
                return tuple(found) if elements >= limits["elements"] else ()
            shape = parameter["shape"]
            apart = signals.first("weight_std", parameter["name"]) * math.sqrt(3 * math.prod(shape[1:])) - 1
            error = math.sqrt(VARIANCE_OF_STD / math.prod(shape))
            if layer["type"] not in DRAWN_UNIFORM or not abs(apart) <= limits["drawn"] * error:
                return ()
            found.append(parameter["name"])
            elements += math.prod(shape)
    return ()
