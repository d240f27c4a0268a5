"""Smoothed labels: the loss can never come near zero."""

from torch import nn

from ..fault import Healthy
from ..training import Training


def prepare(training: Training) -> None:
    """By a fifth."""
    training.criterion = nn.CrossEntropyLoss(label_smoothing=0.2)


HEALTHY = Healthy(trainings=("mlp digits", "transformer text"), prepare=prepare)
