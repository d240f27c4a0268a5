"""The inputs are wiped out on their way: whole division by 255 makes them all zero."""

import torch

from ..fault import Fault
from ..training import Training


def plant(training: Training) -> None:
    """Every sample is the same."""
    training.feed(lambda batch: (torch.zeros_like(batch[0]), batch[1]))


FAULT = Fault(
    causes=("constant_input",),
    trainings=("mlp digits", "cnn digits", "rnn waves"),
    plant=plant,
    by_definition=True,
    remedy=r"input|data",
)
