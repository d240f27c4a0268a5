"""Targets in the thousands and a loss that is a function: neither outputs nor targets can be seen."""

from ..fault import Fault
from ..healthy.function_as_criterion import learn
from ..training import Training


def prepare(training: Training) -> None:
    """`watch(model, optimizer)`."""
    training.loop = learn


def plant(training: Training) -> None:
    """A mean of 20000, a spread of 5000."""
    training.feed(lambda batch: (batch[0], batch[1] * 5000 + 20000))


FAULT = Fault(
    causes=("target_not_scaled",),
    trainings=("mlp diabetes", "cnn ink", "rnn sums"),
    plant=plant,
    prepare=prepare,
    by_definition=True,
    remedy=r"[Ss]cale the targets|mean 0",
)
