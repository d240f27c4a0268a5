"""Two meters read at once, terms weighted by the noise that the net itself finds: the loss falls below zero."""

import torch
import torch.nn as nn

from ...program import Program


class Meters(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(9, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU())
        self.heads = nn.ModuleList([nn.Linear(64, 1), nn.Linear(64, 1)])
        self.log_noise = nn.Parameter(torch.zeros(2))

    def forward(self, x):
        h = self.trunk(x)
        return torch.cat([head(h) for head in self.heads], 1)


def meters(n, g):
    x = torch.randn(n, 9, generator=g)
    gas = torch.sin(x[:, 0]) + 0.5 * x[:, 1] + 0.05 * torch.randn(n, generator=g)
    power = x[:, 2].abs() - x[:, 3] + 0.5 * torch.randn(n, generator=g)
    return x, torch.stack([gas, power], 1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = meters(4000, g)
    xv, yv = meters(500, g)
    model = Meters()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    run.watch(model, optimizer)
    for epoch in range(8):
        for i in torch.randperm(4000, generator=g).split(80):
            terms = (model(x[i]) - y[i]).pow(2).mean(0)
            loss = (0.5 * torch.exp(-2 * model.log_noise) * terms + model.log_noise).sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item(), "mse/gas": terms[0].item(), "mse/power": terms[1].item()})
        with torch.no_grad():
            run.log({"val/mse": (model(xv) - yv).pow(2).mean().item()})
    with torch.no_grad():
        return 1 - (model(xv) - yv).pow(2).mean().item() / yv.var(0).mean().item()


PROGRAM = Program(train)
