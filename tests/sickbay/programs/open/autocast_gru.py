"""Forecasting a noisy wave under bfloat16 autocast."""

import math

import torch
from torch import nn

from ...program import Program


class Forecaster(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Linear(1, 16)
        self.rnn = nn.GRU(16, 32, batch_first=True)
        self.head = nn.Linear(32, 1)

    def forward(self, x):
        h, _ = self.rnn(torch.relu(self.embed(x)))
        return self.head(h[:, -1])


def waves(n, g):
    t = torch.arange(17).float()
    f, p = 0.2 + 0.4 * torch.rand(n, 1, generator=g), 2 * math.pi * torch.rand(n, 1, generator=g)
    s = torch.sin(f * t + p) + 0.05 * torch.randn(n, 17, generator=g)
    return s[:, :16, None], s[:, 16:]


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    model = Forecaster()
    criterion = nn.MSELoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    run.watch(model, optimizer, criterion)
    for step in range(250):
        x, y = waves(48, g)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            out = model(x)
            loss = criterion(out.float(), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        x, y = waves(500, g)
        return 1 - (criterion(model(x), y) / y.var()).item()


PROGRAM = Program(train)
