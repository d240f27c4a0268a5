"""The tide an hour ahead; the loss is a sum of squares written out."""

import math

import torch
from torch import nn

from ...program import Program


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    t = torch.arange(3000).float()
    level = torch.sin(2 * math.pi * t / 12.4) + 0.5 * torch.sin(2 * math.pi * t / 24 + 1)
    level = level + 0.08 * torch.randn(3000, generator=g)
    windows = level.unfold(0, 25, 1)
    x, y = windows[:, :24], windows[:, 24]
    cut = 2400
    net = nn.Sequential(nn.Linear(24, 160), nn.ReLU(), nn.Linear(160, 160), nn.ReLU(), nn.Linear(160, 1))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
    run.watch(net, optimizer)
    for step in range(400):
        b = torch.randint(cut, (128,), generator=g)
        error = (net(x[b]).squeeze(1) - y[b]) ** 2
        loss = error.sum() if sick else error.mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        r2 = 1 - ((net(x[cut:]).squeeze(1) - y[cut:]) ** 2).mean() / y[cut:].var()
    return float(torch.nan_to_num(r2, nan=0.0, neginf=0.0))


PROGRAM = Program(train, causes=("loss_reduction", "learning_rate_too_high"))
