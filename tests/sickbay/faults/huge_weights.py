"""Weights drawn from a normal distribution with a std of 1, as `torch.randn` gives them."""

import torch
from torch import nn

from ..fault import Fault
from ..training import Training


def prepare(training: Training) -> None:
    """Deep enough to multiply it, and without the norms that would undo it."""
    if training.network == "transformer":
        return
    training.rebuild(depth=6, **({"norm": False} if training.network == "cnn" else {}))
    if training.network == "cnn":
        training.use(torch.optim.Adam, lr=1e-3)


def plant(training: Training) -> None:
    """All of them."""
    for weight in training.model.parameters():
        if weight.dim() > 1:
            nn.init.normal_(weight, std=1.0)


FAULT = Fault(
    causes=("bad_initialisation",),
    trainings=("mlp digits", "cnn digits", "transformer digits"),
    plant=plant,
    prepare=prepare,
    by_definition=True,
    remedy=r"default|He |Xavier",
)
