"""A deep stack of sigmoids, in which the gradient fades from layer to layer."""

from torch import nn

from ..fault import Fault
from ..training import Training


def plant(training: Training) -> None:
    """Twelve layers."""
    knobs = {"depth": 12, "activation": nn.Sigmoid}
    training.rebuild(**knobs, **({"norm": False} if training.network == "cnn" else {}))


def fix(training: Training) -> None:
    """As deep, with ReLU and a norm."""

    def block(inputs: int, outputs: int) -> list[nn.Module]:
        if training.network == "cnn":
            return [nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]
        return [nn.Linear(inputs, outputs, bias=False), nn.BatchNorm1d(outputs), nn.ReLU()]

    training.rebuild(depth=12, block=block)


FAULT = Fault(
    causes=("vanishing_gradient",),
    trainings=("mlp digits", "cnn digits"),
    plant=plant,
    fix=fix,
    remedy=r"ReLU",
)
