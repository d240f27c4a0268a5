"""`zero_grad()` stands between `backward()` and `step()`: there is nothing left to step by."""

from ..fault import Fault
from ..training import Training


def plant(training: Training) -> None:
    """Two lines in the wrong order."""
    training.before_update.append(lambda made: made.optimizer.zero_grad())


FAULT = Fault(
    causes=("no_gradient", "frozen_parameters"),
    trainings=("mlp digits", "cnn digits", "rnn digits"),
    plant=plant,
    by_definition=True,
    remedy=r"zero_grad",
)
