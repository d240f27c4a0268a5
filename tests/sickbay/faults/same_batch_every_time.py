"""`next(iter(loader))` stands inside the loop: every step sees the same batch."""

from collections.abc import Iterator

from ..fault import Fault
from ..training import Batch, Training


def plant(training: Training) -> None:
    """The first one, again and again."""
    shuffled = training.batches

    def first(made: Training) -> Iterator[Batch]:
        while True:
            yield next(shuffled(made))

    training.batches = first


FAULT = Fault(
    causes=("repeated_batch",),
    trainings=("mlp digits", "cnn digits", "transformer text"),
    plant=plant,
    by_definition=True,
    remedy=r"loader|batch|iter",
)
