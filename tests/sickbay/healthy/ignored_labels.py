"""Two thirds of the labels are ignored, as padding or context is."""

import torch

from ..fault import Healthy
from ..training import Batch, Training


def prepare(training: Training) -> None:
    """`ignore_index`, which is -100 as it comes."""
    generator = torch.Generator().manual_seed(training.seed)

    def ignore(batch: Batch) -> Batch:
        inputs, targets = batch
        return inputs, targets.masked_fill(torch.rand(targets.shape, generator=generator) < 0.67, -100)

    training.samples = ignore(training.samples)


HEALTHY = Healthy(trainings=("transformer text", "rnn text"), prepare=prepare)
