"""The data come sorted by label and are not shuffled: each batch holds a single label."""

from collections.abc import Iterator

from ..fault import Fault
from ..training import Batch, Training


def in_order(training: Training) -> Iterator[Batch]:
    """Batches without end, each of one label where it can be."""
    inputs, labels = training.samples
    order = labels.argsort(stable=True)
    while True:
        for chosen in order.split(training.batch_size):
            yield inputs[chosen], labels[chosen]


def plant(training: Training) -> None:
    """`shuffle=True` is missing."""
    training.batches = in_order


FAULT = Fault(
    causes=("single_label_batches", "unshuffled_data"),
    trainings=("mlp digits", "cnn digits", "rnn waves"),
    plant=plant,
    by_definition=True,
    remedy=r"[Ss]huffle",
)
