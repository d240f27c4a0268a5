"""A normalizing flow of coupling layers for the two moons; the loss is a negative log likelihood."""

import math

import torch
from sklearn.datasets import make_moons
from torch import nn

from ...program import Program


class Coupling(nn.Module):
    def __init__(self, flip):
        super().__init__()
        self.flip = flip
        self.net = nn.Sequential(nn.Linear(1, 40), nn.Tanh(), nn.Linear(40, 40), nn.Tanh(), nn.Linear(40, 2))

    def forward(self, x):
        a, b = x[:, self.flip : self.flip + 1], x[:, 1 - self.flip : 2 - self.flip]
        s, t = self.net(a).chunk(2, 1)
        s = torch.tanh(s)
        b = b * s.exp() + t
        return torch.cat([b, a] if self.flip else [a, b], 1), s.squeeze(1)


class Flow(nn.Module):
    def __init__(self, depth=6):
        super().__init__()
        self.layers = nn.ModuleList(Coupling(i % 2) for i in range(depth))

    def forward(self, x):
        log_det = 0
        for layer in self.layers:
            x, s = layer(x)
            log_det = log_det + s
        return -0.5 * x.pow(2).sum(1) - math.log(2 * math.pi) + log_det


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    x = torch.tensor(make_moons(4000, noise=0.06, random_state=seed)[0]).float()
    x = (x - x.mean(0)) / x.std(0)
    flow = Flow()
    optimizer = torch.optim.Adam(flow.parameters(), lr=3e-3)
    run.watch(flow, optimizer)
    for step in range(400):
        loss = -flow(x[torch.randint(3500, (128,), generator=g)]).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        gaussian = math.log(2 * math.pi) + 1  # nats a point of the standard normal
        return (gaussian + flow(x[3500:]).mean().item()) / 1.5


PROGRAM = Program(train)
