"""Weights in bfloat16 and small updates: each is lost in rounding."""

import torch

from ..fault import Fault
from ..training import Training


def prepare(training: Training) -> None:
    """Small steps, and enough of them."""
    training.use(torch.optim.AdamW, lr=1e-4)
    training.batch_size = 32
    training.steps = 600


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
