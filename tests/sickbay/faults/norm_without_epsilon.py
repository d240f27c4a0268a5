"""A layer scales each sample to length 1, and some samples are blank: zero divided by zero."""

import torch
from torch import Tensor, nn

from ..fault import Fault
from ..training import Batch, Training

BLANK_SHARE = 0.03


class UnitLength(nn.Module):
    """Each sample at the length of its number of values."""

    def __init__(self, epsilon: float) -> None:
        super().__init__()
        self.epsilon = epsilon

    def forward(self, x: Tensor) -> Tensor:
        flat = x.flatten(1)
        length = ((flat**2).mean(1) + self.epsilon).sqrt()
        return x / length.reshape(-1, *[1] * (x.dim() - 1))


def prepare(training: Training) -> None:
    """Some blank samples, as scans have them."""
    generator = torch.Generator().manual_seed(training.seed)

    def blank(batch: Batch) -> Batch:
        inputs, targets = batch
        chosen = torch.rand(len(inputs), generator=generator) < BLANK_SHARE
        return torch.where(chosen.reshape(-1, *[1] * (inputs.dim() - 1)), 0.0, inputs), targets

    training.samples = blank(training.samples)


def plant(training: Training) -> None:
    """Without epsilon."""
    training.model = nn.Sequential(UnitLength(0.0), training.model)


def fix(training: Training) -> None:
    """With one."""
    training.model = nn.Sequential(UnitLength(1e-3), training.model)


FAULT = Fault(
    causes=("unstable_layer",),
    trainings=("mlp digits", "cnn digits", "rnn waves"),
    plant=plant,
    prepare=prepare,
    fix=fix,
    by_definition=True,
    remedy=r"epsilon|clamp",
)
