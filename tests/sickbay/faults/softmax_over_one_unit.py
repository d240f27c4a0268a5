"""A softmax over a single output unit is the constant 1."""

from torch import nn

from ..fault import Fault
from ..training import Training


def plant(training: Training) -> None:
    """In the place of a sigmoid."""
    training.finish_with(nn.Softmax(1))
    training.criterion = nn.BCELoss()


def fix(training: Training) -> None:
    """A sigmoid."""
    training.finish_with(nn.Sigmoid())
    training.criterion = nn.BCELoss()


FAULT = Fault(
    causes=("loss_output_mismatch",),
    trainings=("mlp cancer", "cnn even", "rnn even"),
    plant=plant,
    fix=fix,
    by_definition=True,
    remedy=r"softmax",
)
