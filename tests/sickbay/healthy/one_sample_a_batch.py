"""One sample a batch, at a rate small enough for it."""

import torch

from ..fault import Healthy
from ..training import Training


def prepare(training: Training) -> None:
    """The loss of a step says almost nothing."""
    training.batch_size = 1
    training.steps = 1000
    training.use(torch.optim.SGD, lr=0.005)


HEALTHY = Healthy(trainings=("mlp digits", "mlp wine"), prepare=prepare)
