"""BCEWithLogitsLoss is given the output of a sigmoid."""

from torch import nn

from ..fault import Fault
from ..training import Training


def plant(training: Training) -> None:
    """Twice squashed: the loss cannot fall below 0.31."""
    training.finish_with(nn.Sigmoid())


FAULT = Fault(
    causes=("loss_output_mismatch",),
    trainings=("mlp cancer", "cnn even", "rnn even", "transformer even"),
    plant=plant,
    by_definition=True,
    remedy=r"[Ss]igmoid",
)
