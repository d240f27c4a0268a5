"""SGD with momentum at a high rate that still learns well."""

import torch

from ..fault import Healthy
from ..training import Training


def prepare(training: Training) -> None:
    """Updates of a hundredth of the weights and more."""
    training.use(torch.optim.SGD, lr=0.2, momentum=0.9)


HEALTHY = Healthy(trainings=("mlp digits", "cnn digits"), prepare=prepare)
