"""Distances from sonar pings, updated after every single ping as they come in."""

import torch
import torch.nn as nn

from ...program import Program


def pings(n, g):
    x = torch.randn(n, 12, generator=g)
    y = torch.sin(x[:, 0]) + 0.7 * x[:, 1] + 0.5 * x[:, 2] * x[:, 3]
    return x, (y + 1.0 * torch.randn(n, generator=g)).unsqueeze(1), y.unsqueeze(1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y, _ = pings(20000, g)
    xv, _, yv = pings(500, g)
    model = nn.Sequential(nn.Linear(12, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
    mse = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    run.watch(model, optimizer, mse)
    batch = 1 if sick else 64
    for step in range(500):
        i = torch.randint(0, len(x), (batch,), generator=g)
        loss = mse(model(x[i]), y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
        if step % 50 == 49:
            with torch.no_grad():
                run.log({"val/loss": mse(model(xv), yv).item()})
    with torch.no_grad():
        return 1 - mse(model(xv), yv).item() / yv.var().item()


PROGRAM = Program(train, causes=("noisy_gradient", "learning_rate_too_high"))
