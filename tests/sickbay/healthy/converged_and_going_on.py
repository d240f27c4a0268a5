"""The loss is near zero long before the run ends: nothing moves any more."""

from ..fault import Healthy
from ..training import Training


def prepare(training: Training) -> None:
    """A small weight decay keeps the loss off exactly zero."""
    training.steps = 900
    training.options["weight_decay"] = 1e-3


HEALTHY = Healthy(trainings=("mlp wine", "cnn digits"), prepare=prepare)
