"""Inputs were shuffled and labels were not: each sample has the label of another."""

import torch

from ..fault import Fault
from ..training import Training


def plant(training: Training) -> None:
    """One permutation for all epochs, in a data set too large to learn by heart in so few steps."""
    inputs, targets = training.samples
    order = torch.randperm(len(targets), generator=torch.Generator().manual_seed(training.seed))
    training.samples = inputs, targets[order]


FAULT = Fault(
    causes=("labels_unrelated_to_inputs",),
    trainings=("mlp digits", "cnn digits", "rnn sums"),
    plant=plant,
    remedy=r"label|pair|belong|target",
    seen=True,
)
