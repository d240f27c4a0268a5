"""Frozen weights that are still as their layer draws them: no training has ever touched them."""

import math

from trainvitals_server.diagnosis.network import is_embedding, is_matrix
from trainvitals_server.diagnosis.shape import Shape
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_wire.records import Layer, Parameter

DRAWN_UNIFORM = frozenset({"Linear", "Conv1d", "Conv2d", "Conv3d"})
"""Layers that PyTorch starts uniform within 1 / sqrt(fan-in); the std of that is 1 / sqrt(3 fan-in)."""
GATES = {"RNN": 1, "RNNCell": 1, "GRU": 3, "GRUCell": 3, "LSTM": 4, "LSTMCell": 4}
"""Recurrent layers, all of whose weights PyTorch starts uniform within 1 / sqrt(units), and rows of weights a unit."""
ATTENTION = "MultiheadAttention"
"""Its output is a linear layer; the rest is drawn by Xavier's rule."""
VARIANCE_OF_STD = 0.2
"""Of n uniform values the relative variance of the std is (kurtosis 1.8 - 1) / 4n."""
GAUSSIAN = 3.0
"""Kurtosis of a normal distribution, as which tables are drawn; trained ones have heavy tails, as words have."""
BUCKETS = 0.1
"""By so much a kurtosis may differ that is told from buckets a quarter of an octave wide: by 0.05 of normal numbers."""


def hardly_learns_on_noise(signals: Signals) -> tuple[tuple[str, ...], float] | None:
    """Weights frozen as drawn under a network that starts at chance and hardly leaves it: names, share of chance left.

    Random features may be meant, and are enough for some tasks; then the loss falls.
    """
    names, loss = frozen_at_random(signals), signals.loss
    if not names or loss.chance is None or loss.start is None or loss.windows is None or loss.warming_up:
        return None
    left = loss.windows[1].mean / loss.chance
    untrained = loss.start >= signals.thresholds["chance"]["untrained_low"] * loss.chance
    hardly = left >= loss.thresholds["learned_left"] or loss.crawls
    return (names, left) if untrained and hardly else None


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
            if not _as_drawn(signals, layer, parameter):
                return ()
            found.append(parameter["name"])
            # A tensor of one's own, as of positions, is no sign beside the weights of a layer.
            elements += math.prod(parameter["shape"]) if _has_default(layer) else 0
    return ()


def _has_default(layer: Layer) -> bool:
    """Whether it is known how PyTorch draws the weights of a layer."""
    return layer["type"] in DRAWN_UNIFORM | GATES.keys() | {ATTENTION} or is_embedding(layer)


def _as_drawn(signals: Signals, layer: Layer, parameter: Parameter) -> bool:
    """Whether a weight is still as its layer's default draws it; a table, or one by hand, as normal numbers are."""
    errors, shape = signals.thresholds["frozen_parameters"]["drawn"], parameter["shape"]
    if is_embedding(layer) or not _has_default(layer):
        return _is_gaussian(signals.shapes.get(f"weight/{parameter['name']}"), errors)
    width = _width(layer, parameter)
    apart = signals.first("weight_std", parameter["name"]) * math.sqrt(3 * width) - 1
    return abs(apart) <= errors * math.sqrt(VARIANCE_OF_STD / math.prod(shape))


def _width(layer: Layer, parameter: Parameter) -> float:
    """The n of a layer that PyTorch starts uniform within 1 / sqrt(n): its fan-in, or its units.

    Queries, keys and values of attention are drawn at once by Xavier's rule: a variance of 2 / (fan-in + fan-out).
    """
    shape, gates = parameter["shape"], GATES.get(layer["type"])
    if layer["type"] == ATTENTION and parameter["name"].endswith("in_proj_weight"):
        return sum(shape) / 6
    if gates is None or ".weight_hr" in f".{parameter['name']}":
        return math.prod(shape[1:])
    return shape[0] / gates


def _is_gaussian(shape: Shape | None, errors: float) -> bool:
    """By mean and kurtosis, within so many standard errors of both."""
    if shape is None or not abs(shape.offset) <= errors / math.sqrt(max(1, shape.count)):
        return False
    return abs(shape.kurtosis - GAUSSIAN) <= BUCKETS + errors * math.sqrt(24 / max(1, shape.count))
