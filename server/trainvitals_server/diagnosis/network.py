"""The watched network as the rules see it: layers in forward order, what each is for, and the weights worth judging."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from trainvitals_wire.records import Layer, Parameter

RECURRENT = frozenset({"RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell"})
UNGATED = frozenset({"RNN", "RNNCell"})
SATURATING = frozenset({"Sigmoid", "Tanh", "Softsign", "Hardtanh", "Hardsigmoid"})
RECTIFYING = frozenset(
    {"ReLU", "ReLU6", "LeakyReLU", "PReLU", "ELU", "SELU", "CELU", "GELU", "SiLU", "Mish", "Softplus"}
)
RANDOM_TYPES = frozenset({"Linear", "Conv1d", "Conv2d", "Conv3d", "ConvTranspose2d"}) | RECURRENT
"""Layers whose weights start at random with mean 0 by every recommendation; a gain of one's own may start at 1."""
EXACT = frozenset({"float32", "float64"})
WIDE_MIN_AXES = 2
"""A weight matrix has at least two axes; what has one is a bias or the gain of a norm."""


@dataclass(frozen=True, slots=True)
class Weight:
    """A trainable weight matrix and the layer that owns it; `depth` counts such layers in forward order from 0."""

    layer: str
    layer_type: str
    name: str
    shape: tuple[int, ...]
    depth: int
    transposed: bool = False

    @property
    def fan_in(self) -> int:
        """Inputs of one unit: of [out, in, ...] all axes but the first, of a matrix [in, out] the first."""
        return self.shape[0] if self.transposed else math.prod(self.shape[1:])


def is_norm(layer: Layer) -> bool:
    """Batch, layer, group, instance or RMS norm."""
    return "Norm" in layer["type"]


def is_embedding(layer: Layer) -> bool:
    """A table of rows, most of which have no gradient at a given step."""
    return "Embedding" in layer["type"]


def is_recurrent(layer: Layer) -> bool:
    """A recurrent layer or cell."""
    return layer["type"] in RECURRENT


def is_matrix(parameter: Parameter) -> bool:
    """Whether a parameter is a weight matrix (not a bias, not the gain of a norm)."""
    return len(parameter["shape"]) >= WIDE_MIN_AXES and math.prod(parameter["shape"]) > 1


def _is_transposed(layer: Layer, shape: tuple[int, ...]) -> bool:
    """Whether a matrix is [in, out], as where a layer by hand multiplies its input by it.

    That of PyTorch's attention is [3 out, in], and gives no output of the layer's own.
    """
    output = layer["output_shape"]
    if layer["type"] in RANDOM_TYPES or "Attention" in layer["type"] or len(shape) != WIDE_MIN_AXES or not output:
        return False
    return shape[0] != output[-1] == shape[1]


class Network:
    """The layers of a run, sorted once; `repeated` tells of weights how often they are applied in a chain."""

    def __init__(self, layers: Iterable[Layer] = (), repeated: Mapping[str, int] | None = None) -> None:
        self.repeated = repeated or {}
        self.layers = tuple(sorted(layers, key=lambda layer: layer["order"]))

    @cached_property
    def order(self) -> dict[str, int]:
        """The place of each layer in the forward pass."""
        return {layer["name"]: place for place, layer in enumerate(self.layers)}

    @cached_property
    def owner(self) -> dict[str, str]:
        """The layer of each parameter."""
        return {parameter["name"]: layer["name"] for layer in self.layers for parameter in layer["parameters"]}

    @cached_property
    def output_place(self) -> int:
        """The place of the output layer: the last with a weight matrix. What follows it (a softmax) is output too."""
        found = [
            i
            for i, layer in enumerate(self.layers)
            if any(map(is_matrix, layer["parameters"])) and not self._feeds(layer)
        ]
        return found[-1] if found else len(self.layers) - 1

    def _feeds(self, layer: Layer) -> bool:
        """Whether these are parameters of the model itself that it does not end with, as positions or a class token.

        It comes last, for it ends last; a matrix that makes its output would be as wide.
        """
        shape = layer["output_shape"]
        if layer is not self.layers[-1] or layer["name"] != layer["type"] or len(self.layers) == 1 or not shape:
            return False
        others = any(is_matrix(p) for other in self.layers[:-1] for p in other["parameters"])
        return others and not any(shape[-1] in p["shape"] for p in layer["parameters"] if is_matrix(p))

    @cached_property
    def hidden(self) -> tuple[Layer, ...]:
        """The layers before the output layer, embeddings excepted."""
        return tuple(layer for layer in self.layers[: max(0, self.output_place)] if not is_embedding(layer))

    @cached_property
    def weights(self) -> tuple[Weight, ...]:
        """The largest trainable weight matrix of each layer in forward order; no embedding, norm, or tied twin."""
        found: list[Weight] = []
        for layer in self.layers:
            matrices = [p for p in layer["parameters"] if is_matrix(p) and p.get("trainable", True)]
            if not matrices or is_embedding(layer) or is_norm(layer) or self._feeds(layer):
                continue
            largest = max(matrices, key=lambda parameter: math.prod(parameter["shape"]))
            shape = tuple(largest["shape"])
            weight = Weight(
                layer["name"], layer["type"], largest["name"], shape, len(found), _is_transposed(layer, shape)
            )
            found.append(weight)
        return tuple(found)

    @cached_property
    def hidden_weights(self) -> tuple[Weight, ...]:
        """The weights without the output layer's."""
        return tuple(weight for weight in self.weights if self.order[weight.layer] < self.output_place)

    @cached_property
    def root_elements(self) -> dict[str, float]:
        """The root of the number of elements of each of the weights, by which a norm becomes a root mean square."""
        return {weight.name: math.sqrt(math.prod(weight.shape)) for weight in self.weights}

    @cached_property
    def squashes(self) -> bool:
        """Whether any hidden layer squashes what it is given."""
        return any(layer["type"] in SATURATING for layer in self.hidden)

    @cached_property
    def before_norms(self) -> frozenset[str]:
        """The layers whose output goes straight into a norm: the scale of their weights means nothing."""
        return frozenset(one["name"] for one, after in pairwise(self.layers) if is_norm(after))

    @cached_property
    def small_by_design(self) -> frozenset[str]:
        """The layers whose output may be far smaller than 1 in a sound network.

        What a gate and a tanh bound (LSTM, GRU), what is a mean over tokens (attention: the longer the text, the
        smaller), what a norm scales anew, and the end of a residual branch (Zhang et al. 2019).
        """
        small = (one["name"] for one in self.layers if is_recurrent(one) or "Attention" in one["type"])
        return self.before_norms | frozenset(small)

    @cached_property
    def held(self) -> frozenset[str]:
        """The layers whose output goes straight into a norm or a squashing layer: it cannot explode from there."""
        squashed = (one["name"] for one, after in pairwise(self.layers) if after["type"] in SATURATING)
        return self.before_norms | frozenset(squashed)

    @cached_property
    def before_functions(self) -> tuple[str, ...]:
        """The hidden layers with a weight matrix that no activation or norm follows as a layer."""
        weighty = {weight.layer for weight in self.hidden_weights}
        following = RECTIFYING | SATURATING
        return tuple(
            one["name"]
            for one, after in pairwise(self.layers)
            if one["name"] in weighty and after["type"] not in following and not is_norm(after)
        )

    @cached_property
    def matrices(self) -> tuple[tuple[str, Parameter], ...]:
        """Layer and record of each weight matrix, trainable or not."""
        return tuple((layer["name"], p) for layer in self.layers for p in layer["parameters"] if is_matrix(p))

    @cached_property
    def normalised(self) -> bool:
        """Whether there is any norm."""
        return any(map(is_norm, self.layers))

    @cached_property
    def longest_row(self) -> int:
        """The most layers with a weight matrix that follow each other without a norm between."""
        weighty = {weight.layer for weight in self.weights}
        longest = row = 0
        for layer in self.layers:
            row = 0 if is_norm(layer) else row + (layer["name"] in weighty)
            longest = max(longest, row)
        return longest

    @cached_property
    def left_out(self) -> tuple[tuple[str, Parameter], ...]:
        """Layer and record of each parameter that is not trainable, or not in the optimizer where one is known."""
        optimized = any(p.get("in_optimizer") for layer in self.layers for p in layer["parameters"])
        return tuple(
            (layer["name"], parameter)
            for layer in self.layers
            for parameter in layer["parameters"]
            if not parameter.get("trainable", True) or (optimized and not parameter.get("in_optimizer", True))
        )

    @cached_property
    def learning(self) -> tuple[tuple[str, str], ...]:
        """Layer and name of each weight matrix that should have a gradient.

        Biases before a norm and rows of an embedding have none in healthy runs.
        """
        out = {parameter["name"] for _, parameter in self.left_out}
        return tuple(
            (layer["name"], parameter["name"])
            for layer in self.layers
            if not is_embedding(layer)
            for parameter in layer["parameters"]
            if is_matrix(parameter) and parameter["name"] not in out
        )

    @cached_property
    def learning_exactly(self) -> tuple[str, ...]:
        """The names of those of `learning` whose type shows each update; a shorter one may round it away."""
        exact = {parameter["name"] for _, parameter in self.matrices if parameter.get("dtype") in EXACT}
        return tuple(name for _, name in self.learning if name in exact)

    @cached_property
    def weight_places(self) -> tuple[int, ...]:
        """The places of the layers with a weight matrix, in forward order."""
        return tuple(self.order[weight.layer] for weight in self.weights)

    @cached_property
    def recurrent(self) -> bool:
        """Whether any layer is recurrent, or any weight is applied again and again to what came of it."""
        return bool(self.repeated) or any(map(is_recurrent, self.layers))

    def repeats(self, weight: Weight) -> bool:
        """Whether a weight is applied at each step of a recurrence."""
        return weight.layer_type in RECURRENT or weight.name in self.repeated

    def place(self, layer: str | None) -> int:
        """Forward place of a layer, after all others where it is none or unknown."""
        return self.order.get(layer or "", len(self.layers))
