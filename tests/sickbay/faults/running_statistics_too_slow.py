"""The momentum of the batch norms was taken for that of other libraries: their running statistics hardly move."""

from torch import nn

from ..fault import Fault
from ..training import Training


def network(training: Training, momentum: float) -> None:
    """Batch norms behind layers of small weights, with a validation loss."""

    def block(inputs: int, outputs: int) -> list[nn.Module]:
        flat = training.network == "mlp"
        layer = nn.Linear(inputs, outputs) if flat else nn.Conv2d(inputs, outputs, 3, padding=1)
        nn.init.normal_(layer.weight, std=0.02)
        norm = (nn.BatchNorm1d if flat else nn.BatchNorm2d)(outputs, momentum=momentum)
        return [layer, norm, nn.ReLU()]

    training.validates = True
    training.rebuild(block=block)


def plant(training: Training) -> None:
    """One in ten thousand instead of one in ten."""
    network(training, 1e-4)


def fix(training: Training) -> None:
    """PyTorch's default."""
    network(training, 0.1)


FAULT = Fault(
    causes=("train_eval_mode",),
    trainings=("mlp digits", "cnn digits"),
    plant=plant,
    fix=fix,
    remedy=r"momentum",
)
