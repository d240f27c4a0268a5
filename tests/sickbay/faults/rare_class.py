"""One sample in sixty is positive: naming the frequent class always is right 98 times of 100."""

import torch

from ..fault import Fault
from ..training import Batch, Training

EACH = 60


def only(training: Training, batch: Batch, share: int) -> Batch:
    """Negatives, and few of the positives."""
    inputs, targets = batch
    positive = (targets[:, 0] > 0).nonzero()[:, 0]
    negative = (targets[:, 0] == 0).nonzero()[:, 0]
    kept = torch.cat([negative, positive[: max(1, len(negative) // share)]])
    return inputs[kept], targets[kept]


def balanced(training: Training) -> float:
    """The mean of the two recalls, above guessing."""
    outputs, targets = training.predicted(), training.held_out[1]
    positive = targets > 0
    recalls = (outputs[positive] > 0).float().mean(), (outputs[~positive] <= 0).float().mean()
    return max(0.0, float(sum(recalls)) - 1)


def prepare(training: Training) -> None:
    """Few steps, scored by both classes alike."""
    training.judged_by = balanced
    training.steps = 150
    training.use(torch.optim.SGD, lr=0.01)


def plant(training: Training) -> None:
    """In what is trained on."""
    training.samples = only(training, training.samples, EACH)


FAULT = Fault(
    causes=("class_imbalance",),
    trainings=("mlp even", "cnn even", "transformer even"),
    plant=plant,
    prepare=prepare,
    remedy=r"[Ww]eight|[Ss]ample",
    seen=True,
)
