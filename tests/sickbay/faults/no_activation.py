"""The activations between the layers were forgotten: the network is linear."""

from torch import nn

from ..fault import Fault
from ..training import Training


def plant(training: Training) -> None:
    """Layer after layer."""

    def block(inputs: int, outputs: int) -> list[nn.Module]:
        return [nn.Linear(inputs, outputs) if training.network == "mlp" else nn.Conv2d(inputs, outputs, 3, padding=1)]

    training.rebuild(depth=4, block=block)


FAULT = Fault(
    causes=("missing_nonlinearity",),
    trainings=("mlp even", "cnn ink", "mlp ink"),
    plant=plant,
    by_definition=True,
    remedy=r"ReLU|activation",
    seen=True,
)
