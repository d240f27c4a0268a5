"""Inflow of a dam in cubic metres a day, hundreds of thousands: the net knows its scale, the loss is relative."""

import torch
import torch.nn as nn

from ...program import Program


class InflowNet(nn.Module):
    def __init__(self, mean, std):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(8, 48), nn.SiLU(), nn.Linear(48, 48), nn.SiLU(), nn.Linear(48, 1))
        self.register_buffer("mean", mean)
        self.register_buffer("std", std)

    def forward(self, x):
        return self.mean + self.std * self.body(x).squeeze(1)


def days(n, g):
    x = torch.randn(n, 8, generator=g)
    flow = 4.2e5 + 1.1e5 * torch.relu(x[:, 0] + 0.5 * x[:, 1]) + 6e4 * torch.sin(x[:, 2]) + 3e4 * x[:, 3]
    return x, flow + 1.5e4 * torch.randn(n, generator=g)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = days(2400, g)
    xv, yv = days(400, g)
    model = InflowNet(y.mean(), y.std())
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer)
    for epoch in range(8):
        for i in torch.randperm(2400, generator=g).split(60):
            error = model(x[i]) - y[i]
            loss = (error / model.std).pow(2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item(), "rmse": error.pow(2).mean().sqrt().item()})
        with torch.no_grad():
            run.log({"val/rmse": (model(xv) - yv).pow(2).mean().sqrt().item()})
    with torch.no_grad():
        return 1 - (model(xv) - yv).pow(2).mean().item() / yv.var().item()


PROGRAM = Program(train)
