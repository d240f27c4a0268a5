"""An auxiliary loss in another unit is a thousand times the one that matters."""

import torch
from torch import Tensor

from ..fault import Fault
from ..training import Training, compared


def plant(training: Training) -> None:
    """The mean output is to be like a number in the thousands, squared."""

    def loss(made: Training, outputs: Tensor, targets: Tensor) -> Tensor:
        data = compared(made, outputs, targets)
        noise = torch.randn(len(outputs), outputs.shape[-1])
        auxiliary = 300 * ((outputs.flatten(0, -2)[: len(noise)] - noise) ** 2).mean()
        made.metrics = {"loss/classes": data.detach(), "loss/auxiliary": auxiliary.detach()}
        return data + auxiliary

    training.loss = loss


FAULT = Fault(
    causes=("loss_scale",),
    trainings=("mlp digits", "cnn digits", "transformer digits"),
    plant=plant,
    remedy=r"weigh|scale|coefficient|divide",
)
