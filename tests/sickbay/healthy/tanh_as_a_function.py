"""The activations are functions: units that are never positive are no dead ones."""

import torch
from torch import nn

from ..fault import Healthy
from ..training import Training


class Functional(nn.Module):
    """Layers one after the other, with `torch.tanh` between."""

    def __init__(self, layers: list[nn.Module]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        last = len(self.layers) - 1
        for place, layer in enumerate(self.layers):
            x = layer(x)
            x = torch.tanh(x) if isinstance(layer, nn.Linear | nn.Conv2d) and place < last else x
        return x


def prepare(training: Training) -> None:
    """The same layers without their activations."""
    if training.network == "cnn":
        training.rebuild(norm=False)
        training.options["lr"] = 0.02
    training.model = Functional([layer for layer in training.model if not isinstance(layer, nn.ReLU)])  # type: ignore[attr-defined]


HEALTHY = Healthy(trainings=("mlp digits", "cnn digits"), prepare=prepare)
