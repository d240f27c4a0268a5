"""After the first validation the network stays in evaluation mode."""

from torch import nn

from ..fault import Fault, nothing
from ..training import Training


def prepare(training: Training) -> None:
    """A network that differs between the modes, with a validation loss."""

    def block(inputs: int, outputs: int) -> list[nn.Module]:
        if training.network == "mlp":
            return [nn.Linear(inputs, outputs), nn.BatchNorm1d(outputs), nn.ReLU(), nn.Dropout(0.2)]
        return [nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU(), nn.Dropout(0.2)]

    training.validates = True
    if training.network == "transformer":
        training.rebuild(dropout=0.2)
    else:
        training.rebuild(block=block)


def plant(training: Training) -> None:
    """`model.train()` is missing."""
    training.after_validation = nothing


FAULT = Fault(
    causes=("train_eval_mode",),
    trainings=("mlp digits", "cnn digits", "transformer digits"),
    plant=plant,
    prepare=prepare,
    by_definition=True,
    remedy=r"train\(\)",
)
