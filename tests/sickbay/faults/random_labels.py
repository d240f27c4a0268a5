"""The labels are drawn anew for each batch, by a bug in the data set."""

import torch

from ..fault import Fault
from ..training import Batch, Training


def plant(training: Training) -> None:
    """Each time others."""
    generator = torch.Generator().manual_seed(training.seed + 1)

    def chance(number: int, batch: Batch) -> Batch:
        return batch[0], torch.randint(training.task.outputs, batch[1].shape, generator=generator)

    training.each_batch(chance)


FAULT = Fault(
    causes=("labels_unrelated_to_inputs",),
    trainings=("mlp digits", "cnn digits", "transformer digits"),
    plant=plant,
    remedy=r"label|pair|belong",
    seen=True,
)
