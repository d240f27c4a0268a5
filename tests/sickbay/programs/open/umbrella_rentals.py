"""Umbrellas lent on a day, from its weather, judged by the relative error."""

import math

import torch
from torch import nn

from ...program import Program


class RelativeError(nn.Module):
    """Mean of the error's share of the true count."""

    def __init__(self, floor):
        super().__init__()
        self.floor = floor

    def forward(self, lent, true):
        return ((lent - true).abs() / (true + self.floor)).mean()


def days(n):
    x = torch.randn(n, 6)
    busy = 2.9 + 0.5 * x[:, 0] + 0.3 * x[:, 1] * (x[:, 2] > 0) - 0.3 * x[:, 3]
    count = torch.poisson(busy.exp())
    closed = torch.rand(n) < 0.001
    return x, torch.where(closed, torch.zeros(n), count.clamp(min=1)) / 10


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, lent = days(7000)
    model = nn.Sequential(nn.Linear(6, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1), nn.Softplus())
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    criterion = RelativeError(0.0 if sick else 1.0)
    run.watch(model, optimizer, criterion)
    for epoch in range(6):
        for rows in torch.randperm(6400).split(64):
            loss = criterion(model(x[rows])[:, 0], lent[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        share = 1 - (model(x[6400:])[:, 0] - lent[6400:]).square().mean().item() / lent[6400:].var().item()
    return 0.0 if math.isnan(share) else max(0.0, share)


PROGRAM = Program(train, causes=("unstable_loss",), by_definition=True)
