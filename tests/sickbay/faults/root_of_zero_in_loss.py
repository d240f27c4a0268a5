"""The root of a squared error that is exactly zero: its slope is infinite, and infinity times zero is NaN."""

import torch
from torch import Tensor, nn

from ..fault import Fault
from ..training import Training

TOLERANCE = 0.02


class Distance(nn.Module):
    """Mean distance beyond a tolerance; below it the error counts as zero."""

    def __init__(self, epsilon: float) -> None:
        super().__init__()
        self.epsilon = epsilon

    def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
        beyond = ((outputs - targets).abs() - TOLERANCE).clamp(min=0.0)
        return torch.sqrt(beyond**2 + self.epsilon).mean()


def plant(training: Training) -> None:
    """Nothing under the root."""
    training.criterion = Distance(0.0)


def fix(training: Training) -> None:
    """A small number under the root."""
    training.criterion = Distance(1e-8)


FAULT = Fault(
    causes=("unstable_loss",),
    trainings=("mlp diabetes", "cnn ink", "rnn sums"),
    plant=plant,
    fix=fix,
    by_definition=True,
    remedy=r"epsilon|clamp|root|sqrt",
)
