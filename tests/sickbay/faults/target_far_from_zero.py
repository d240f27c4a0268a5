"""Targets that vary little about a large mean, as pressures do."""

from ..fault import Fault
from ..training import Training


def plant(training: Training) -> None:
    """A mean of 1000, a spread of 1."""
    training.feed(lambda batch: (batch[0], batch[1] + 1000))


FAULT = Fault(
    causes=("target_not_scaled",),
    trainings=("mlp diabetes", "rnn sums"),
    plant=plant,
    by_definition=True,
    remedy=r"[Ss]cale the targets|mean 0",
)
