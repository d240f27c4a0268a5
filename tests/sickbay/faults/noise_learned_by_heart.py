"""A network without any restraint learns the noise of its targets."""

import torch

from ..fault import Fault
from ..training import Batch, Training


def blurred(training: Training) -> None:
    """Half of the training targets are those of other samples."""
    generator = torch.Generator().manual_seed(training.seed)

    def blur(batch: Batch) -> Batch:
        inputs, targets = batch
        order = torch.randperm(len(targets), generator=generator)
        wrong = torch.rand(targets.shape, generator=generator) < 0.5
        return inputs, torch.where(wrong, targets[order], targets)

    training.feed(blur)


def plant(training: Training) -> None:
    """Many passes over few samples."""
    blurred(training)
    training.samples = training.samples[0][:300], training.samples[1][:300]
    training.validates = True
    training.steps = 400
    training.rebuild(width=256 if training.network == "mlp" else 32)


def fix(training: Training) -> None:
    """Stopped in time, on all samples."""
    blurred(training)
    training.validates = True
    training.steps = 120
    training.options["lr"] /= 2


FAULT = Fault(
    causes=("overfitting",),
    trainings=("mlp digits", "cnn digits"),
    plant=plant,
    fix=fix,
    remedy=r"[Ss]top|data",
)
