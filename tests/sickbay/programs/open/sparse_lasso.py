"""A penalty on all absolute weights, summed, is added to the loss with the factor of a linear model."""

import torch
from torch import nn

from ...program import Program


def rows(n, g):
    x = torch.randn(n, 24, generator=g)
    return x, (torch.tanh(x[:, :1] * 2) + x[:, 1:2] * x[:, 2:3] + 0.1 * torch.randn(n, 1, generator=g)) / 1.3


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(30)
    x, y = rows(2400, g)
    model = nn.Sequential(nn.Linear(24, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    factor = 0.05 if sick else 1e-5
    for step in range(400):
        i = torch.randint(0, 2000, (64,))
        penalty = sum(p.abs().sum() for p in model.parameters())
        loss = criterion(model(x[i]), y[i]) + factor * penalty
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        return 1 - criterion(model(x[2000:]), y[2000:]).item() / y[2000:].var().item()


PROGRAM = Program(train, causes=("over_regularised", "loss_scale"))
