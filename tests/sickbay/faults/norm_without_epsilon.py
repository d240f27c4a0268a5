"""A norm of one's own divides by a length that is zero when all units of a sample are."""

from torch import Tensor, nn

from ..fault import Fault
from ..training import Training


class UnitLength(nn.Module):
    """Scales each sample to length 4."""

    def __init__(self, epsilon: float) -> None:
        super().__init__()
        self.epsilon = epsilon

    def forward(self, x: Tensor) -> Tensor:
        return 4 * x / ((x**2).sum(-1, keepdim=True) + self.epsilon).sqrt()


def network(training: Training, epsilon: float) -> None:
    """The norm stands behind a rectifier before the output layer."""
    training.change_head(lambda head: nn.Sequential(Shifted(), nn.ReLU(), UnitLength(epsilon), head))


class Shifted(nn.Module):
    """Makes rectified features sparse, so that some samples have none."""

    def forward(self, x: Tensor) -> Tensor:
        return x - x.detach().amax(-1, keepdim=True).mean()


def plant(training: Training) -> None:
    """Without epsilon."""
    network(training, 0.0)


def fix(training: Training) -> None:
    """With one."""
    network(training, 1e-6)


FAULT = Fault(
    causes=("unstable_layer",),
    trainings=("mlp digits", "rnn digits", "transformer digits"),
    plant=plant,
    fix=fix,
    by_definition=True,
    remedy=r"epsilon|clamp",
)
