"""Moisture of drying kelp from ten sensors, a tanh network with a steepness for its units."""

import numpy as np
import torch
from torch import nn

from ...program import Program


class Steep(nn.Module):
    def __init__(self, slope):
        super().__init__()
        self.slope = slope
        self.tanh = nn.Tanh()

    def forward(self, x):
        return self.tanh(self.slope * x)


def sensors(n, rng):
    x = rng.normal(size=(n, 10))
    y = np.sin(x[:, 0]) + 0.7 * x[:, 1] - 0.5 * x[:, 2] * x[:, 3] + 0.4 * np.abs(x[:, 4]) + 0.1 * rng.normal(size=n)
    y = (y - y.mean()) / y.std()
    return torch.tensor(x, dtype=torch.float32), torch.tensor(y, dtype=torch.float32).unsqueeze(1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    x, y = sensors(3600, rng)
    slope = 100.0 if sick else 1.0
    net = nn.Sequential(
        nn.Linear(10, 160),
        Steep(slope),
        nn.Linear(160, 160),
        Steep(slope),
        nn.Linear(160, 160),
        Steep(slope),
        nn.Linear(160, 160),
        Steep(slope),
        nn.Linear(160, 160),
        Steep(slope),
        nn.Linear(160, 1),
    )
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=8, gamma=0.3)
    run.watch(net, optimizer, criterion)
    for epoch in range(14):
        total = 0.0
        for i in torch.randperm(3000).split(64):
            optimizer.zero_grad(set_to_none=True)
            loss = criterion(net(x[i]), y[i])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(i)
            run.log({"loss": loss.item()})
        scheduler.step()
        with torch.no_grad():
            val = criterion(net(x[3000:]), y[3000:]).item()
        run.log({"train/epoch_loss": total / 3000, "val/loss": val})
    return float(np.clip(1 - val / y[3000:].var().item(), 0, 1))


PROGRAM = Program(train, causes=("saturated_units",))
