"""A layer takes the logarithm of rectified features, which may be zero."""

from torch import Tensor, nn

from ..fault import Fault
from ..training import Training


class Logarithm(nn.Module):
    """The logarithm of rectified features."""

    def __init__(self, offset: float) -> None:
        super().__init__()
        self.offset = offset

    def forward(self, x: Tensor) -> Tensor:
        return (x.relu() + self.offset).log()


def plant(training: Training) -> None:
    """Of zero as well."""
    training.change_head(lambda head: nn.Sequential(Logarithm(0.0), head))


def fix(training: Training) -> None:
    """Of one plus the feature."""
    training.change_head(lambda head: nn.Sequential(Logarithm(1.0), head))


FAULT = Fault(
    causes=("unstable_layer",),
    trainings=("mlp digits", "cnn even", "transformer digits"),
    plant=plant,
    fix=fix,
    by_definition=True,
    remedy=r"epsilon|clamp|log1p",
)
