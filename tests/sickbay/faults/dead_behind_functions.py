"""Biases so negative that no rectifier opens, where the rectifiers are functions and no layers."""

import torch
from torch import Tensor, nn

from ..fault import Fault
from ..training import Training


class Functional(nn.Module):
    """Layers one after the other, with `torch.relu` between."""

    def __init__(self, layers: list[nn.Module]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)

    def forward(self, x: Tensor) -> Tensor:
        last = len(self.layers) - 1
        for place, layer in enumerate(self.layers):
            x = layer(x)
            x = torch.relu(x) if isinstance(layer, nn.Linear | nn.Conv2d) and place < last else x
        return x


def prepare(training: Training) -> None:
    """The same layers without their activations."""
    training.options["lr"] = {"mlp": 2e-3, "cnn": 0.02}[training.network]
    if training.network == "cnn":
        training.rebuild(norm=False)
    training.model = Functional([layer for layer in training.model if not isinstance(layer, nn.ReLU)])  # type: ignore[attr-defined]


def plant(training: Training) -> None:
    """In every hidden layer."""
    for layer in training.weights()[:-1]:
        nn.init.constant_(layer.bias, -10.0)  # type: ignore[arg-type]


FAULT = Fault(
    causes=("dead_units",),
    trainings=("mlp digits", "cnn digits"),
    plant=plant,
    prepare=prepare,
)
