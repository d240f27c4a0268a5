"""The gradient is clipped to a norm of 0.0001: every step is tiny."""

import torch
from torch import nn

from ..fault import Fault
from ..training import Training


def prepare(training: Training) -> None:
    """SGD, clipped where it is needed."""
    training.use(torch.optim.SGD, lr=0.05, momentum=0.9)


def plant(training: Training) -> None:
    """Meant as 1."""
    training.before_update.append(lambda made: nn.utils.clip_grad_norm_(made.model.parameters(), 1e-4))


def fix(training: Training) -> None:
    """A limit that is seldom reached."""
    training.before_update.append(lambda made: nn.utils.clip_grad_norm_(made.model.parameters(), 5.0))


FAULT = Fault(
    causes=("clipping_always_on",),
    trainings=("mlp digits", "cnn digits", "rnn digits"),
    plant=plant,
    prepare=prepare,
    fix=fix,
    remedy=r"[Cc]lip",
)
