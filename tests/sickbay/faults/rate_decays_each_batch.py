"""The schedule meant for epochs is stepped after each batch: the learning rate is gone at once."""

from torch.optim.lr_scheduler import ExponentialLR

from ..fault import Fault
from ..training import Training


def plant(training: Training) -> None:
    """By a third each time."""
    training.schedule = lambda optimizer: ExponentialLR(optimizer, 0.67)


FAULT = Fault(
    causes=("learning_rate_too_low",),
    trainings=("mlp digits", "rnn waves", "transformer text"),
    plant=plant,
    onset=20,
    remedy=r"schedul|epoch",
)
