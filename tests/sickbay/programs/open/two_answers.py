"""Where was the arm? Two answers are right, so a mixture density network gives both."""

import math

import torch
from torch import nn

from ...program import Program


class MDN(nn.Module):
    def __init__(self, parts=4):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(1, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh())
        self.pi, self.mu, self.log_sigma = nn.Linear(64, parts), nn.Linear(64, parts), nn.Linear(64, parts)

    def log_prob(self, x, y):
        h = self.body(x)
        sigma = self.log_sigma(h).clamp(-4, 2)
        each = -0.5 * ((y - self.mu(h)) / sigma.exp()) ** 2 - sigma - 0.5 * math.log(2 * math.pi)
        return torch.logsumexp(self.pi(h).log_softmax(1) + each, 1)

    def forward(self, x, y):
        return -self.log_prob(x, y).mean()


def arms(n, g):
    x = 2 * torch.rand(n, 1, generator=g) - 1
    side = torch.where(torch.rand(n, 1, generator=g) < 0.5, 1.0, -1.0)
    return x, side * (1.2 - x**2) * 0.5 + 0.04 * torch.randn(n, 1, generator=g)


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    model = MDN()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    run.watch(model, optimizer)
    for step in range(450):
        x, y = arms(96, g)
        loss = model(x, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss})
    with torch.no_grad():
        x, y = arms(1000, g)
        return (0.75 - model(x, y).item()) / 1.9  # from one normal distribution to the truth


PROGRAM = Program(train)
