"""Biases so large that every tanh lies in its flat end."""

import torch
from torch import nn

from ..fault import Fault
from ..training import Training


def prepare(training: Training) -> None:
    """A tanh network."""
    training.rebuild(depth=4, activation=nn.Tanh, **({"norm": False} if training.network == "cnn" else {}))
    training.use(torch.optim.SGD, lr=0.05, momentum=0.9)


def plant(training: Training) -> None:
    """In every hidden layer."""
    for layer in training.weights()[:-1]:
        nn.init.constant_(layer.bias, 9.0)


FAULT = Fault(
    causes=("saturated_units", "bad_initialisation"),
    trainings=("mlp digits", "cnn digits"),
    plant=plant,
    prepare=prepare,
)
