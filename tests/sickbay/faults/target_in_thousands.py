"""Targets in the thousands, as prices are, for a network that starts near zero."""

from ..fault import Fault
from ..training import Training


def plant(training: Training) -> None:
    """A mean of 20000, a spread of 5000."""
    training.feed(lambda batch: (batch[0], batch[1] * 5000 + 20000))


FAULT = Fault(
    causes=("target_not_scaled",),
    trainings=("mlp diabetes", "cnn ink", "rnn sums", "transformer sums"),
    plant=plant,
    by_definition=True,
    remedy=r"[Ss]cale the targets|mean 0",
)
