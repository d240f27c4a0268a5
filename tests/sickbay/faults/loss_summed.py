"""The loss is summed over the batch, with the learning rate of a mean."""

import torch
from torch import nn

from ..fault import Fault
from ..training import Training


def prepare(training: Training) -> None:
    """SGD, which feels the scale of the loss."""
    training.use(torch.optim.SGD, lr=0.05, momentum=0.9)
    training.batch_size = 128


def plant(training: Training) -> None:
    """`reduction="sum"`."""
    training.criterion = nn.CrossEntropyLoss(reduction="sum")


FAULT = Fault(
    causes=("loss_reduction",),
    trainings=("mlp digits", "cnn digits", "rnn digits"),
    plant=plant,
    prepare=prepare,
    remedy=r"reduction|mean",
)
