"""Layers with a bias in front of a batch norm: the bias has no gradient and does nothing."""

from torch import nn

from ..fault import Healthy
from ..training import Training


def prepare(training: Training) -> None:
    """As many write it."""

    def block(inputs: int, outputs: int) -> list[nn.Module]:
        if training.network == "mlp":
            return [nn.Linear(inputs, outputs), nn.BatchNorm1d(outputs), nn.ReLU()]
        return [nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU()]

    training.rebuild(block=block)


HEALTHY = Healthy(trainings=("mlp digits", "cnn digits"), prepare=prepare)
