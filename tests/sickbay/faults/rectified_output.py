"""A regression ends in a ReLU, while half of the targets are negative."""

from torch import nn

from ..fault import Fault
from ..training import Training


def plant(training: Training) -> None:
    """One activation too many."""
    training.finish_with(nn.ReLU())


FAULT = Fault(
    causes=("loss_output_mismatch",),
    trainings=("mlp diabetes", "cnn ink", "rnn sums", "transformer sums"),
    plant=plant,
    by_definition=True,
    remedy=r"linear layer|[Rr]emove",
)
