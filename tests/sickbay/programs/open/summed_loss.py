"""Curves of a pendulum; the loss is summed over batch and time, with the rate of a mean."""

import torch
from torch import nn

from ...program import Program


def pendulum(n, g):
    t = torch.linspace(0, 4, 25)
    start = torch.rand(n, 1, generator=g) * 1.5
    damping = torch.rand(n, 1, generator=g)
    length = 0.5 + torch.rand(n, 1, generator=g)
    curve = start * torch.exp(-damping * t) * torch.cos(t / length.sqrt())
    return torch.cat([start, damping, length], 1), curve + 0.02 * torch.randn(n, 25, generator=g)


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(36)
    x, y = pendulum(2000, g)
    model = nn.Sequential(nn.Linear(3, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 25))
    criterion = nn.MSELoss(reduction="sum" if sick else "mean")
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    run.watch(model, optimizer, criterion)
    for epoch in range(8):
        for i in torch.randperm(1600).split(40):
            optimizer.zero_grad()
            loss = criterion(model(x[i]), y[i])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        return 1 - (model(x[1600:]) - y[1600:]).pow(2).mean().item() / y[1600:].var().item()


PROGRAM = Program(train, causes=("loss_reduction", "learning_rate_too_high"))
