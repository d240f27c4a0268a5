"""Reinforcement learning: a loss that is all noise about zero, while the reward rises."""

from collections.abc import Mapping
from typing import Any

import torch

from trainvitals.run import Run

from ..fault import Healthy
from ..training import Training


def learn(training: Training, run: Run, watch: Mapping[str, Any]) -> None:
    """REINFORCE with a running mean as baseline; the reward is 1 for the right label."""
    optimizer = torch.optim.Adam(training.model.parameters(), 3e-3)
    run.watch(training.model, optimizer, **watch)
    batches, mean = training.batches(training), 0.0
    for _ in range(600):
        inputs, labels = next(batches)
        policy = torch.distributions.Categorical(logits=training.model(inputs))
        actions = policy.sample()
        reward = (actions == labels).float()
        loss = -((reward - mean) * policy.log_prob(actions)).mean()
        mean = 0.9 * mean + 0.1 * float(reward.mean())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.detach(), "reward": reward.mean()})


def prepare(training: Training) -> None:
    """Without a criterion: there is none to watch."""
    training.loop = learn


HEALTHY = Healthy(trainings=("mlp digits", "mlp wine"), prepare=prepare)
