"""A policy gradient learns which dish to recommend to which guest."""

import torch
from torch import nn
from torch.distributions import Categorical

from ...program import Program


class Tavern:
    def __init__(self, guests=6, dishes=5):
        self.taste = torch.randn(guests, 24)
        self.dish = torch.randn(24, dishes)

    def guests(self, n):
        return torch.randn(n, 6)

    def delight(self, guest):
        return torch.sigmoid(torch.tanh(guest @ self.taste) @ self.dish)

    def serve(self, guest, dish):
        return torch.bernoulli(self.delight(guest).gather(1, dish[:, None]).squeeze(1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    tavern = Tavern()
    policy = nn.Sequential(nn.Linear(6, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 5))
    nn.init.orthogonal_(policy[-1].weight, gain=0.01)
    nn.init.zeros_(policy[-1].bias)
    opt = torch.optim.Adam(policy.parameters(), lr=3e-3)
    run.watch(policy, opt)

    baseline = 0.5
    for episode in range(600):
        guest = tavern.guests(128)
        dist = Categorical(logits=policy(guest))
        choice = dist.sample()
        reward = tavern.serve(guest, choice)
        advantage = reward - baseline
        baseline = 0.95 * baseline + 0.05 * reward.mean().item()
        entropy = dist.entropy().mean()
        loss = -(dist.log_prob(choice) * advantage).mean() - 0.01 * entropy
        opt.zero_grad()
        loss.backward()
        opt.step()
        run.log({"loss": loss.item(), "reward": reward.mean().item(), "entropy": entropy.item()})

    with torch.no_grad():
        guest = tavern.guests(2000)
        value = tavern.delight(guest)
        got = value.gather(1, policy(guest).argmax(1, keepdim=True)).mean()
        return ((got - value.mean()) / (value.max(1).values.mean() - value.mean())).item()


PROGRAM = Program(train)
