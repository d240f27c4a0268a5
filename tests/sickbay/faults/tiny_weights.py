"""Weights drawn with a std of 0.0001: the signal is gone after a few layers."""

import torch
from torch import nn

from ..fault import Fault
from ..training import Training


def prepare(training: Training) -> None:
    """SGD, and no norms that would undo it."""
    training.rebuild(depth=4, **({"norm": False} if training.network == "cnn" else {}))
    training.use(torch.optim.SGD, lr=0.1 if training.network == "mlp" else 0.03, momentum=0.9)


def plant(training: Training) -> None:
    """All of them."""
    for layer in training.weights():
        nn.init.normal_(layer.weight, std=1e-4)
        nn.init.zeros_(layer.bias)


FAULT = Fault(
    causes=("bad_initialisation",),
    trainings=("mlp digits", "cnn digits"),
    plant=plant,
    prepare=prepare,
    by_definition=True,
    remedy=r"default|He |Xavier",
)
