"""The critic of a GAN is watched alone: its maker's backward pass leaves gradients in it that are zeroed later."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from trainvitals.run import Run

from ..fault import Healthy
from ..training import Training


def play(training: Training, run: Run, watch: Mapping[str, Any]) -> None:
    """Two networks, of which the run sees one."""
    wide = training.samples[0][0].numel()
    maker = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, wide))
    training.model = critic = nn.Sequential(nn.Linear(wide, 64), nn.LeakyReLU(0.2), nn.Linear(64, 1))
    making = torch.optim.Adam(maker.parameters(), 1e-3, betas=(0.5, 0.9))
    judging = torch.optim.Adam(critic.parameters(), 1e-3, betas=(0.5, 0.9))
    criterion = nn.BCEWithLogitsLoss()
    run.watch(critic, judging, **watch)
    batches = training.batches(training)
    for _ in range(400):
        real = next(batches)[0].flatten(1)
        made, ones = maker(torch.randn(len(real), 8)), torch.ones(len(real), 1)
        judging.zero_grad()
        loss = criterion(critic(real), ones) + criterion(critic(made.detach()), torch.zeros_like(ones))
        loss.backward()
        judging.step()
        making.zero_grad()
        criterion(critic(made), ones).backward()
        making.step()
        run.log({"critic": loss.detach()})


def prepare(training: Training) -> None:
    """Nothing is scored: there is no right answer."""
    training.loop = play
    training.judged_by = lambda made: 1.0


HEALTHY = Healthy(trainings=("mlp digits", "mlp wine"), prepare=prepare)
