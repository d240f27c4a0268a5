"""The root of a squared error that is exactly zero: its slope is infinite, and infinity times zero is NaN."""

import torch
from torch import Tensor, nn

from ..fault import Fault
from ..training import Training


class KnownDistance(nn.Module):
    """The mean distance to the targets that are known; those about zero stand for unknown ones."""

    def __init__(self, epsilon: float) -> None:
        super().__init__()
        self.epsilon = epsilon

    def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
        known = (targets.abs() > 0.02).float()
        return torch.sqrt(((outputs - targets) * known) ** 2 + self.epsilon).mean()


def plant(training: Training) -> None:
    """Nothing but the square under the root."""
    training.criterion = KnownDistance(0.0)


def fix(training: Training) -> None:
    """A small number under the root."""
    training.criterion = KnownDistance(1e-8)


FAULT = Fault(
    causes=("unstable_loss",),
    trainings=("mlp diabetes", "cnn ink", "rnn sums"),
    plant=plant,
    fix=fix,
    by_definition=True,
    remedy=r"epsilon|clamp|root|sqrt",
)
