"""NLLLoss is given probabilities in the place of their logarithms."""

from torch import nn

from ..fault import Fault
from ..training import Training


def plant(training: Training) -> None:
    """A softmax without its logarithm."""
    training.finish_with(nn.Softmax(-1))
    training.criterion = nn.NLLLoss()


FAULT = Fault(
    causes=("loss_output_mismatch",),
    trainings=("mlp wine", "cnn digits", "transformer text"),
    plant=plant,
    by_definition=True,
    remedy=r"LogSoftmax|CrossEntropyLoss",
)
