"""Half of the labels are chance, so that the loss stops far above 0."""

import torch

from ..fault import Healthy
from ..training import Batch, Training


def prepare(training: Training) -> None:
    """In what is trained on and what is held out."""
    generator = torch.Generator().manual_seed(training.seed)

    def blur(batch: Batch) -> Batch:
        inputs, labels = batch
        chance = torch.randint(training.task.outputs, labels.shape, generator=generator)
        return inputs, torch.where(torch.rand(labels.shape, generator=generator) < 0.5, chance, labels)

    training.feed(blur)
    training.batch_size = 128
    training.steps = 200
    training.options["lr"] /= 3


HEALTHY = Healthy(trainings=("mlp digits", "rnn waves"), prepare=prepare, seen=True)
