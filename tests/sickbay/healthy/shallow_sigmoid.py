"""A shallow sigmoid network, whose activations can never reach a std of 0.5."""

from torch import nn

from ..fault import Healthy
from ..training import Training


def prepare(training: Training) -> None:
    """One hidden layer."""
    training.rebuild(depth=2, activation=nn.Sigmoid)
    training.options["lr"] = 0.01


HEALTHY = Healthy(trainings=("mlp digits", "mlp cancer"), prepare=prepare)
