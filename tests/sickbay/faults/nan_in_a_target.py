"""One target of one batch is missing, and came in as NaN."""

from collections.abc import Iterator

import torch

from ..fault import Fault
from ..training import Batch, Training

STEP = 12


def plant(training: Training) -> None:
    """In the batch of one step."""
    healthy = training.batches

    def broken(training: Training) -> Iterator[Batch]:
        for step, (inputs, targets) in enumerate(healthy(training)):
            if step == STEP:
                targets = targets.index_fill(0, torch.tensor([3]), float("nan"))
            yield inputs, targets

    training.batches = broken


FAULT = Fault(
    causes=("non_finite_input",),
    trainings=("mlp diabetes", "cnn ink", "rnn sums"),
    plant=plant,
    by_definition=True,
    onset=STEP,
    remedy=r"batch",
)
