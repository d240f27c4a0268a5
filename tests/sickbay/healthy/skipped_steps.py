"""A gradient scaler that starts too high skips its first steps, and some later."""

from collections.abc import Iterator

import torch
from torch import Tensor

from ..fault import Healthy
from ..training import Batch, Training


def prepare(training: Training) -> None:
    """The scale is halved until nothing overflows, and tried again every 100 steps."""
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**127, growth_interval=100)

    def update(batches: Iterator[Batch]) -> Tensor:
        made = training
        made.optimizer.zero_grad()
        inputs, targets = next(batches)
        loss = made.loss(made, made.forward(made, inputs), targets)
        scaler.scale(loss).backward()
        scaler.step(made.optimizer)
        scaler.update()
        return loss.detach()

    training.update = update


HEALTHY = Healthy(trainings=("mlp digits", "cnn digits"), prepare=prepare)
