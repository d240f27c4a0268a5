"""The loss is summed over the batch, and the learning rate is made for that."""

import torch
from torch import nn

from ..fault import Healthy
from ..training import Training


def prepare(training: Training) -> None:
    """The rate of the mean, divided by the batch."""
    training.criterion = nn.CrossEntropyLoss(reduction="sum")
    training.use(torch.optim.SGD, lr=0.05 / training.batch_size, momentum=0.9)


HEALTHY = Healthy(trainings=("mlp digits", "cnn digits"), prepare=prepare)
