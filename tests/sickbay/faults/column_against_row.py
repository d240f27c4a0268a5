"""Predictions [n, 1] against targets [n]: the loss broadcasts to [n, n]."""

from ..fault import Fault
from ..training import Training


def plant(training: Training) -> None:
    """Targets as a data frame gives them."""
    training.feed(lambda batch: (batch[0], batch[1][:, 0]))
    training.judged_by = lambda made: made.task.score(made.predicted(), made.held_out[1][:, None])


FAULT = Fault(
    causes=("shape_broadcast",),
    trainings=("mlp diabetes", "cnn ink", "rnn sums"),
    plant=plant,
    by_definition=True,
    remedy=r"squeeze",
)
