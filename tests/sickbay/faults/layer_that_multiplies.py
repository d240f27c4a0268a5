"""A layer of one's own multiplies by the width where it should divide by its root."""

import torch
from torch import Tensor, nn

from ..fault import Fault
from ..training import Training


class Scaled(nn.Module):
    """Multiplies by a constant."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        return x * self.factor


def prepare(training: Training) -> None:
    """SGD for the plain networks, and convolutions without the norm that would hide it."""
    if training.network == "mlp":
        training.use(torch.optim.SGD, lr=0.05, momentum=0.9)
    if training.network == "cnn":
        training.rebuild(norm=False)
        training.options["lr"] = 0.02


def plant(training: Training) -> None:
    """Before the output layer."""
    training.change_head(lambda head: nn.Sequential(Scaled(200.0), head))


def fix(training: Training) -> None:
    """The right scale."""
    training.change_head(lambda head: nn.Sequential(Scaled(1.0), head))


FAULT = Fault(
    causes=("exploding_activation",),
    trainings=("mlp digits", "cnn digits", "transformer digits"),
    plant=plant,
    prepare=prepare,
    fix=fix,
)
