"""A relative error divides by targets that may be zero."""

import torch
from torch import Tensor, nn

from ..fault import Fault
from ..training import Training


class Relative(nn.Module):
    """Mean absolute error as a share of the target."""

    def __init__(self, epsilon: float) -> None:
        super().__init__()
        self.epsilon = epsilon

    def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
        return ((outputs - targets).abs() / (targets.abs() + self.epsilon)).mean()


def prepare(training: Training) -> None:
    """Some targets are exactly zero."""
    training.feed(lambda batch: (batch[0], torch.where(batch[1].abs() < 0.02, 0.0, batch[1])))


def plant(training: Training) -> None:
    """As the formula says."""
    training.criterion = Relative(0.0)


def fix(training: Training) -> None:
    """A number below the bar."""
    training.criterion = Relative(1.0)


FAULT = Fault(
    causes=("unstable_loss",),
    trainings=("mlp diabetes", "cnn ink", "rnn sums"),
    plant=plant,
    prepare=prepare,
    fix=fix,
    by_definition=True,
    remedy=r"epsilon|clamp|divi",
)
