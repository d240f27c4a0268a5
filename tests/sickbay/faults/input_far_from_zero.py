"""Inputs vary about 100, as temperatures in kelvin or years do."""

import torch

from ..fault import Fault
from ..training import Training


def prepare(training: Training) -> None:
    """SGD, which feels it more than Adam does; a recurrent network needs Adam."""
    if training.network != "rnn":
        training.use(torch.optim.SGD, lr=0.02, momentum=0.9)


def plant(training: Training) -> None:
    """A mean a hundred times the spread."""
    training.feed(lambda batch: (batch[0] + 100, batch[1]))


FAULT = Fault(
    causes=("input_not_normalised",),
    trainings=("mlp wine", "rnn waves", "transformer digits"),
    plant=plant,
    prepare=prepare,
    by_definition=True,
    remedy=r"[Nn]ormalis|[Ss]tandardis|mean",
    seen=True,
)
