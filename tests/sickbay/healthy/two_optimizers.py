"""Body and head have an optimizer each, with rates of their own."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from trainvitals.run import Run

from ..fault import Healthy
from ..training import Training


def learn(training: Training, run: Run, watch: Mapping[str, Any]) -> None:
    """Both parts are watched, each with its own."""
    body, head = training.model[:-1], training.model[-1]
    slow, fast = torch.optim.Adam(body.parameters(), 1e-3), torch.optim.SGD(head.parameters(), 0.1)
    criterion = nn.CrossEntropyLoss()
    run.watch(body, slow, criterion, name="body", **watch)
    run.watch(head, fast, name="head", **watch)
    batches = training.batches(training)
    for _ in range(training.steps):
        inputs, labels = next(batches)
        loss = criterion(head(body(inputs)), labels)
        slow.zero_grad()
        fast.zero_grad()
        loss.backward()
        slow.step()
        fast.step()
        run.log({"loss": loss.detach()})


def prepare(training: Training) -> None:
    """A loop of its own."""
    training.loop = learn


HEALTHY = Healthy(trainings=("mlp digits", "cnn digits"), prepare=prepare)
