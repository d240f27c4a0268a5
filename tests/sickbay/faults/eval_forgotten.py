"""The network is validated in training mode: dropout blanks out half of it, norms use the batch."""

from torch import nn

from ..fault import Fault, nothing
from ..training import Training


def prepare(training: Training) -> None:
    """A network that differs between the modes, with a validation loss."""

    def block(inputs: int, outputs: int) -> list[nn.Module]:
        if training.network == "mlp":
            return [nn.Linear(inputs, outputs), nn.BatchNorm1d(outputs), nn.ReLU(), nn.Dropout(0.5)]
        return [nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU(), nn.Dropout(0.5)]

    training.validates = True
    training.rebuild(block=block)


def plant(training: Training) -> None:
    """`model.eval()` is missing."""
    training.before_validation = nothing


FAULT = Fault(
    causes=("train_eval_mode",),
    trainings=("mlp digits", "cnn digits"),
    plant=plant,
    prepare=prepare,
    by_definition=True,
    remedy=r"eval\(\)",
)
