"""Weights in bfloat16 and small updates: each is lost in rounding."""

import torch

from ..fault import Fault
from ..training import Training


def prepare(training: Training) -> None:
    """SGD at a small rate, from a network that is partly trained."""
    training.use(torch.optim.SGD, lr=2e-3)
    training.steps = 400


def plant(training: Training) -> None:
    """The whole network, not the computation alone."""
    training.model = training.model.bfloat16()
    training.forward = lambda made, inputs: made.model(inputs.bfloat16()).float()


FAULT = Fault(
    causes=("precision_underflow",),
    trainings=("mlp digits", "cnn digits", "transformer digits"),
    plant=plant,
    prepare=prepare,
    remedy=r"float32|autocast|master",
)
