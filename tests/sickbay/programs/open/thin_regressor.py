"""A surface over the plane, fitted by a network of two units a layer."""

import torch
import torch.nn as nn

from ...program import Program


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(38)
    x = torch.rand(2400, 2, generator=g) * 4 - 2
    y = torch.sin(2.5 * x[:, :1]) * torch.cos(2 * x[:, 1:]) * 2 + 0.05 * torch.randn(2400, 1, generator=g)
    width = 2 if sick else 96
    model = nn.Sequential(nn.Linear(2, width), nn.Tanh(), nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 1))
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    run.watch(model, optimizer, criterion)
    for step in range(500):
        i = torch.randint(0, 2000, (64,))
        loss = criterion(model(x[i]), y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        return 1 - criterion(model(x[2000:]), y[2000:]).item() / y[2000:].var().item()


PROGRAM = Program(train, causes=("capacity_too_small",))
