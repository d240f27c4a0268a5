"""A dropout stands before a batch norm: the running variance is wrong in evaluation."""

from torch import nn

from ..fault import Fault
from ..training import Training


def network(training: Training, dropout_first: bool) -> None:
    """Two hidden layers, with a validation loss."""

    def block(inputs: int, outputs: int) -> list[nn.Module]:
        flat = training.network == "mlp"
        layer = nn.Linear(inputs, outputs) if flat else nn.Conv2d(inputs, outputs, 3, padding=1)
        norm = nn.BatchNorm1d(outputs) if flat else nn.BatchNorm2d(outputs)
        dropout = nn.Dropout(0.5)
        return [layer, nn.ReLU(), dropout, norm] if dropout_first else [layer, norm, nn.ReLU(), dropout]

    training.validates = True
    training.rebuild(block=block)


def plant(training: Training) -> None:
    """Dropout, then norm."""
    network(training, dropout_first=True)


def fix(training: Training) -> None:
    """Norm, then dropout."""
    network(training, dropout_first=False)


FAULT = Fault(
    causes=("normalisation_order",),
    trainings=("mlp digits", "cnn digits"),
    plant=plant,
    fix=fix,
    by_definition=True,
    remedy=r"[Dd]ropout",
)
