"""Adam's epsilon is 1: it drowns the gradient's own scale, and updates are tiny."""

import torch

from ..fault import Fault
from ..training import Training


def prepare(training: Training) -> None:
    """Adam."""
    training.use(torch.optim.Adam, lr=1e-3)


def plant(training: Training) -> None:
    """An epsilon from another paper."""
    training.options.update(eps=1.0)


FAULT = Fault(
    causes=("learning_rate_too_low",),
    trainings=("mlp digits", "cnn digits", "transformer digits"),
    plant=plant,
    prepare=prepare,
    remedy=r"epsilon|\beps\b",
    seen=True,
)
