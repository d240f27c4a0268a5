"""Biases so negative that no rectifier ever opens."""

from torch import nn

from ..fault import Fault
from ..training import Training


def plant(training: Training) -> None:
    """In every hidden layer."""
    for layer in training.weights()[:-1]:
        nn.init.constant_(layer.bias, -10.0)


def prepare(training: Training) -> None:
    """Convolutions with biases."""
    training.options["lr"] = {"mlp": 2e-3, "cnn": 0.02}[training.network]
    if training.network == "cnn":
        training.rebuild(norm=False)


FAULT = Fault(
    causes=("dead_units",),
    trainings=("mlp digits", "cnn digits"),
    plant=plant,
    prepare=prepare,
)
