"""The output layer starts with large weights: the first loss is many times that of guessing."""

import torch
from torch import nn

from ..fault import Fault
from ..training import Training


def prepare(training: Training) -> None:
    """SGD at a careful rate."""
    training.use(torch.optim.SGD, lr=0.01, momentum=0.9)


def plant(training: Training) -> None:
    """Drawn with a std of 10."""
    nn.init.normal_(training.weights()[-1].weight, std=10.0)


FAULT = Fault(
    causes=("loss_at_init", "bad_initialisation"),
    trainings=("mlp digits", "cnn digits", "transformer digits"),
    plant=plant,
    prepare=prepare,
    by_definition=True,
    remedy=r"last layer|output layer|default",
    seen=True,
)
