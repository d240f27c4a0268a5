"""What to show in the window: a policy gradient on a contextual bandit, with a moving baseline and an entropy bonus."""

import torch
from torch import nn
from torch.distributions import Categorical

from trainvitals.run import Run

from ...program import Program


def train(run: Run, *, sick: bool, seed: int) -> float:
    """Four windows, ten facts about the street; the score is the share of best choices."""
    torch.manual_seed(seed)
    taste = torch.randn(10, 4)
    policy = nn.Sequential(nn.Linear(10, 48), nn.Tanh(), nn.Linear(48, 4))
    optimizer = torch.optim.Adam(policy.parameters(), lr=5e-3)
    run.watch(policy, optimizer)
    baseline = 0.0
    for _ in range(500):
        street = torch.randn(64, 10)
        choice = Categorical(logits=policy(street))
        action = choice.sample()
        reward = (street @ taste).gather(1, action[:, None]).squeeze(1) / 3 + 0.3 * torch.randn(64)
        advantage = reward - baseline
        loss = -(choice.log_prob(action) * advantage).mean() - 0.01 * choice.entropy().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        baseline += 0.05 * (reward.mean().item() - baseline)
        run.log({"policy_loss": loss.item(), "reward": reward.mean().item(), "entropy": choice.entropy().mean().item()})
    street = torch.randn(1000, 10)
    return (policy(street).argmax(1) == (street @ taste).argmax(1)).float().mean().item()


PROGRAM = Program(train)
