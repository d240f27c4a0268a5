"""A loss of three terms, the smallest a hundredth of the largest, all of them wanted."""

import torch
from torch import Tensor

from ..fault import Healthy
from ..training import Training, compared


def prepare(training: Training) -> None:
    """Classes, a penalty on the scores and one on the weights."""

    def loss(made: Training, outputs: Tensor, targets: Tensor) -> Tensor:
        data = compared(made, outputs, targets)
        scores = 1e-3 * (outputs**2).mean()
        weights = 1e-4 * torch.stack([(weight**2).sum() for weight in made.model.parameters()]).sum()
        made.metrics = {"loss/data": data.detach(), "loss/scores": scores.detach(), "loss/weights": weights.detach()}
        return data + scores + weights

    training.loss = loss


HEALTHY = Healthy(trainings=("mlp digits", "transformer digits"), prepare=prepare)
