"""Clipping that holds back a few steps, most of them at the start."""

from torch import nn

from ..fault import Healthy
from ..training import Training


def prepare(training: Training) -> None:
    """At a norm of 1."""
    training.before_update.append(lambda made: nn.utils.clip_grad_norm_(made.model.parameters(), 1.0))


HEALTHY = Healthy(trainings=("rnn sums", "transformer text"), prepare=prepare)
