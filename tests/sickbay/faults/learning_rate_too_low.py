"""A learning rate so low that nothing moves."""

from ..fault import Fault
from ..training import Training


def plant(training: Training) -> None:
    """A slip of the exponent."""
    training.options["lr"] = 1e-7


FAULT = Fault(
    causes=("learning_rate_too_low",),
    trainings=("mlp wine", "cnn digits", "rnn waves", "transformer digits"),
    plant=plant,
)
