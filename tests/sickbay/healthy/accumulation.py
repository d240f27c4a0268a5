"""Gradients accumulated over four batches on purpose."""

from ..fault import Healthy
from ..training import Training


def prepare(training: Training) -> None:
    """Four small batches an update."""
    training.accumulation, training.batch_size = 4, 16


HEALTHY = Healthy(trainings=("mlp digits", "transformer text"), prepare=prepare)
