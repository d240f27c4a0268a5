"""CrossEntropyLoss over one output unit is always zero."""

from torch import nn

from ..fault import Fault
from ..training import Training


def plant(training: Training) -> None:
    """The loss of many classes for a yes or no."""
    training.criterion = nn.CrossEntropyLoss()


FAULT = Fault(
    causes=("loss_output_mismatch",),
    trainings=("mlp cancer", "cnn even", "rnn even"),
    plant=plant,
    by_definition=True,
    remedy=r"BCEWithLogits|one output unit for each",
)
