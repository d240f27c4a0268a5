"""The network ends in a softmax, and CrossEntropyLoss applies another."""

from torch import nn

from ..fault import Fault
from ..training import Training


def plant(training: Training) -> None:
    """As one more layer."""
    training.model = nn.Sequential(training.model, nn.Softmax(-1))


FAULT = Fault(
    causes=("loss_output_mismatch",),
    trainings=("mlp digits", "cnn digits", "rnn waves", "transformer digits"),
    plant=plant,
    by_definition=True,
    remedy=r"[Rr]emove the softmax|NLLLoss|raw scores",
)
