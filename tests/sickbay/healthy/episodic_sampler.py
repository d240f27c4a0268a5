"""Each batch holds three classes of ten, as in few-shot learning."""

from collections.abc import Iterator

import torch

from ..fault import Healthy
from ..training import Batch, Training


def episodes(training: Training) -> Iterator[Batch]:
    """Others each time."""
    inputs, labels = training.samples
    generator = torch.Generator().manual_seed(training.seed)
    while True:
        classes = torch.randperm(training.task.outputs, generator=generator)[:3]
        among = torch.isin(labels, classes).nonzero()[:, 0]
        chosen = among[torch.randint(len(among), (training.batch_size,), generator=generator)]
        yield inputs[chosen], labels[chosen]


def prepare(training: Training) -> None:
    """At a lower rate, since batches differ so much."""
    training.batches = episodes
    training.options["lr"] *= 0.3
    training.steps = 400


HEALTHY = Healthy(trainings=("mlp digits", "cnn digits"), prepare=prepare)
