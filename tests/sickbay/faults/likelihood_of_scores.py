"""NLLLoss is given raw scores: its loss falls without end and means nothing."""

from torch import nn

from ..fault import Fault
from ..training import Training


def plant(training: Training) -> None:
    """Without LogSoftmax."""
    training.criterion = nn.NLLLoss()


FAULT = Fault(
    causes=("loss_output_mismatch",),
    trainings=("mlp digits", "cnn digits", "rnn waves"),
    plant=plant,
    by_definition=True,
    remedy=r"LogSoftmax|CrossEntropyLoss",
)
