"""The year a car was built, from twelve measurements; the target is the year as it is written."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program


def cars(n, g):
    x = torch.randn(n, 12, generator=g)
    year = 1995 + 8 * torch.tanh(x[:, 0] + 0.5 * x[:, 1] * x[:, 2]) + 2 * x[:, 3] + torch.randn(n, generator=g)
    return x, year


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(33)
    x, year = cars(2400, g)
    shift, scale = (0.0, 1.0) if sick else (1995.0, 7.0)
    target = (year - shift) / scale
    model = nn.Sequential(nn.Linear(12, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1), nn.Flatten(0))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer)
    for epoch in range(8):
        for i in torch.randperm(2000).split(50):
            loss = F.mse_loss(model(x[i]), target[i])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        p = model(x[2000:]) * scale + shift
    return 1 - (p - year[2000:]).pow(2).mean().item() / year[2000:].var().item()


PROGRAM = Program(train, causes=("target_not_scaled",))
