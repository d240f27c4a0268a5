"""A learning rate a hundred times too high."""

from ..fault import Fault
from ..training import Training


def plant(training: Training) -> None:
    """From the first step on."""
    training.options["lr"] *= 300 if training.network in ("mlp", "rnn") else 100


FAULT = Fault(
    causes=("learning_rate_too_high",),
    trainings=("mlp digits", "cnn digits", "rnn digits", "transformer text"),
    plant=plant,
)
