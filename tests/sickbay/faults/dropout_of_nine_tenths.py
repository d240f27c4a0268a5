"""A dropout that keeps what it should drop: nine units of ten are gone, in every layer."""

from torch import nn

from ..fault import Fault
from ..training import Training


def network(training: Training, share: float) -> None:
    """A dropout behind each hidden layer."""

    def block(inputs: int, outputs: int) -> list[nn.Module]:
        if training.network == "mlp":
            return [nn.Linear(inputs, outputs), nn.ReLU(), nn.Dropout(share)]
        return [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(), nn.Dropout(share)]

    if training.network == "transformer":
        training.rebuild(dropout=share)
        training.change_head(lambda head: nn.Sequential(nn.Dropout(share), head))
    else:
        training.rebuild(depth=4, block=block)
    training.validates = True
    training.options["lr"] = 2e-3 if training.network != "cnn" else 0.02


def plant(training: Training) -> None:
    """`p` is what is dropped."""
    network(training, 0.9)


def fix(training: Training) -> None:
    """One unit of ten."""
    network(training, 0.1)


FAULT = Fault(
    causes=("over_regularised",),
    trainings=("mlp digits", "cnn digits", "transformer digits"),
    plant=plant,
    fix=fix,
    remedy=r"dropout|[Dd]ropout|regularis",
)
