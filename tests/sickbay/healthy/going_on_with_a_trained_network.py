"""A trained network goes on at a tenth of its rate: hardly anything is left to learn."""

from ..fault import Healthy
from ..training import Training


def prepare(training: Training) -> None:
    """From a loss that is already low."""
    training.learn(300)
    training.options["lr"] /= 10


HEALTHY = Healthy(trainings=("mlp digits", "rnn digits", "transformer text"), prepare=prepare)
