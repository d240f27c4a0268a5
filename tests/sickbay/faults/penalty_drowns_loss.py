"""A penalty on the weights is a thousand times the data's own loss."""

from torch import Tensor

from ..fault import Fault
from ..training import Training, compared


def plant(training: Training) -> None:
    """A coefficient that was tuned for a mean, used with a sum."""

    def loss(made: Training, outputs: Tensor, targets: Tensor) -> Tensor:
        data = compared(made, outputs, targets)
        penalty = 10.0 * sum((weight**2).sum() for weight in made.model.parameters())
        made.metrics = {"loss/data": data.detach(), "loss/penalty": penalty.detach()}
        return data + penalty

    training.loss = loss


FAULT = Fault(
    causes=("loss_scale", "over_regularised"),
    trainings=("mlp digits", "rnn waves"),
    plant=plant,
    remedy=r"weigh|scale|coefficient|divide",
)
