"""A mask the wrong way round blanks out everything inside the network."""

from torch import Tensor, nn

from ..fault import Fault
from ..training import Training


class Masked(nn.Module):
    """Multiplies the inputs by a mask."""

    def __init__(self, model: nn.Module, mask: float) -> None:
        super().__init__()
        self.mask = mask
        self.model = model

    def forward(self, x: Tensor) -> Tensor:
        return self.model(x * self.mask)


def plant(training: Training) -> None:
    """0 where there should be 1."""
    training.model = Masked(training.model, 0.0)


def fix(training: Training) -> None:
    """1 where there is something."""
    training.model = Masked(training.model, 1.0)


FAULT = Fault(
    causes=("input_ignored", "constant_input"),
    trainings=("mlp digits", "cnn even", "transformer digits"),
    plant=plant,
    fix=fix,
    by_definition=True,
    remedy=r"input|mask",
)
