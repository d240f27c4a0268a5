"""The data come sorted by their target and are not shuffled."""

from collections.abc import Iterator

from ..fault import Fault
from ..training import Batch, Training


def in_order(training: Training) -> Iterator[Batch]:
    """Batches without end, from the least target to the greatest."""
    inputs, targets = training.samples
    order = targets[:, 0].argsort()
    while True:
        for chosen in order.split(training.batch_size):
            yield inputs[chosen], targets[chosen]


def plant(training: Training) -> None:
    """`shuffle=True` is missing."""
    training.batches = in_order


FAULT = Fault(
    causes=("unshuffled_data",),
    trainings=("mlp ink", "cnn ink", "rnn sums"),
    plant=plant,
    remedy=r"[Ss]huffle",
)
