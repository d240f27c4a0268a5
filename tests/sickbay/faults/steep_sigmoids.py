"""Sigmoids of a hundred times their input: steps without slope."""

import torch
from torch import Tensor, nn

from ..fault import Fault
from ..training import Training


class Steep(nn.Module):
    """Multiplies what goes into the sigmoid."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        return x * self.factor


def network(training: Training, factor: float) -> None:
    """Two hidden layers of sigmoids."""
    knobs = {"norm": False} if training.network == "cnn" else {}
    training.rebuild(depth=3, activation=lambda: nn.Sequential(Steep(factor), nn.Sigmoid()), **knobs)
    training.use(torch.optim.SGD, lr=0.05, momentum=0.9)


def plant(training: Training) -> None:
    """To make decisions crisp."""
    network(training, 300.0)


def fix(training: Training) -> None:
    """A slope of about 1 where the inputs lie."""
    network(training, 4.0)


FAULT = Fault(
    causes=("saturated_units",),
    trainings=("mlp digits", "cnn digits"),
    plant=plant,
    fix=fix,
    seen=True,
)
