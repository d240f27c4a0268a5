"""The body runs under `torch.no_grad()`, left over from extracting features."""

import torch
from torch import Tensor, nn

from ..fault import Fault
from ..training import Training


class Body(nn.Module):
    """All but the output layer."""

    def __init__(self, layers: nn.Sequential) -> None:
        super().__init__()
        self.layers = layers

    def forward(self, x: Tensor) -> Tensor:
        with torch.no_grad():
            return self.layers(x)


def plant(training: Training) -> None:
    """All but the output layer."""
    training.model = nn.Sequential(Body(training.model[:-1]), training.model[-1])


FAULT = Fault(
    causes=("no_gradient",),
    trainings=("mlp digits", "cnn digits"),
    plant=plant,
    by_definition=True,
    remedy=r"no_grad|detach",
)
