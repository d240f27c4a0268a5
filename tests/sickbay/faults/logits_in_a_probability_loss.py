"""Raw scores are clamped into the range of probabilities to keep BCELoss from complaining."""

from torch import Tensor, nn

from ..fault import Fault
from ..training import Training


class Clamped(nn.Module):
    """Makes the error message go away."""

    def forward(self, x: Tensor) -> Tensor:
        return x.clamp(1e-6, 1 - 1e-6)


def plant(training: Training) -> None:
    """In the place of a sigmoid."""
    training.finish_with(Clamped())
    training.criterion = nn.BCELoss()


def fix(training: Training) -> None:
    """A sigmoid."""
    training.finish_with(nn.Sigmoid())
    training.criterion = nn.BCELoss()


FAULT = Fault(
    causes=("loss_output_mismatch",),
    trainings=("mlp cancer", "cnn even", "transformer even"),
    plant=plant,
    fix=fix,
    by_definition=True,
    remedy=r"[Ss]igmoid|BCEWithLogits",
)
