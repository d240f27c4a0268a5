"""The data was shuffled once, and comes in that order in each epoch."""

from collections.abc import Iterator

from ..fault import Healthy
from ..training import Batch, Training


def in_order(training: Training) -> Iterator[Batch]:
    """The same batches again and again; the samples were drawn in a random order."""
    inputs, targets = training.samples
    while True:
        yield from zip(inputs.split(training.batch_size), targets.split(training.batch_size), strict=True)


def prepare(training: Training) -> None:
    """`shuffle=False` on data without an order."""
    training.batches = in_order


HEALTHY = Healthy(trainings=("mlp digits", "cnn digits", "rnn sums"), prepare=prepare)
