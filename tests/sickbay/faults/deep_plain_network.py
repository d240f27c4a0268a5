"""Thirty plain layers in a row, with neither norm nor residual connections."""

from torch import nn

from ..fault import Fault
from ..training import Training

DEPTH = 30


def prepare(training: Training) -> None:
    """A careful rate for so many layers."""
    training.steps = 200
    if training.network == "cnn":
        training.options["lr"] = 0.01


def plant(training: Training) -> None:
    """Deeper, hoping for better."""
    training.rebuild(depth=DEPTH, **({"norm": False} if training.network == "cnn" else {}))


class Residual(nn.Module):
    """Adds what goes in to what comes out."""

    def __init__(self, inside: nn.Module) -> None:
        super().__init__()
        self.inside = inside

    def forward(self, x):  # type: ignore[no-untyped-def]
        return x + 0.3 * self.inside(x)


def fix(training: Training) -> None:
    """As deep, with residual connections and a norm."""

    def block(inputs: int, outputs: int) -> list[nn.Module]:
        flat = training.network == "mlp"
        layer = nn.Linear(inputs, outputs) if flat else nn.Conv2d(inputs, outputs, 3, padding=1)
        if inputs != outputs:
            return [layer]
        norm = nn.BatchNorm1d(inputs) if flat else nn.BatchNorm2d(inputs)
        return [Residual(nn.Sequential(norm, nn.ReLU(), layer))]

    training.rebuild(depth=DEPTH, block=block)


FAULT = Fault(
    causes=("degradation_with_depth", "vanishing_gradient"),
    trainings=("mlp digits", "cnn digits"),
    plant=plant,
    prepare=prepare,
    fix=fix,
    remedy=r"[Rr]esidual",
)
