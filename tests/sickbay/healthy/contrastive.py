"""Contrastive learning: two views of each sample, cosines divided by a small temperature."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from trainvitals.run import Run

from ..fault import Healthy
from ..training import Training

TEMPERATURE = 0.1


def learn(training: Training, run: Run, watch: Mapping[str, Any]) -> None:
    """InfoNCE: which of the batch is the other view of the same sample?"""
    wide = training.samples[0][0].numel()
    training.model = nn.Sequential(nn.Flatten(), nn.Linear(wide, 96), nn.ReLU(), nn.Linear(96, 32))
    optimizer = torch.optim.Adam(training.model.parameters(), 1e-3)
    criterion = nn.CrossEntropyLoss()
    run.watch(training.model, optimizer, criterion, **watch)
    batches = training.batches(training)
    for _ in range(300):
        inputs, _ = next(batches)
        one, other = (
            nn.functional.normalize(training.model(inputs + 0.4 * torch.randn_like(inputs))) for _ in range(2)
        )
        loss = criterion(one @ other.T / TEMPERATURE, torch.arange(len(inputs)))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.detach()})
        training.metrics["last"] = float(loss.detach())


def prepare(training: Training) -> None:
    """Labels are the places in the batch: each occurs once."""
    training.loop = learn
    training.judged_by = lambda made: max(0.0, 1 - made.metrics["last"] / 4.1)


HEALTHY = Healthy(trainings=("mlp digits", "cnn digits"), prepare=prepare)
