"""The error is taken after `exp`, to undo the logarithm of the targets: it overflows."""

from torch import Tensor, nn

from ..fault import Fault
from ..training import Training

UNITS = 25.0
"""What one standard deviation of the logarithm is worth."""


class InUnits(nn.Module):
    """The squared error of the powers, not of the logarithms."""

    def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
        return (((outputs * UNITS).exp() - (targets * UNITS).exp()) ** 2).mean()


def plant(training: Training) -> None:
    """As the formula says."""
    training.criterion = InUnits()


FAULT = Fault(
    causes=("unstable_loss",),
    trainings=("mlp diabetes", "cnn ink", "rnn sums"),
    plant=plant,
    by_definition=True,
    remedy=r"logarithm|logsumexp|clamp|exp\b",
)
