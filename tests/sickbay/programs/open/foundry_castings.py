"""Shrinkage of castings as a mean and a spread that differs from piece to piece, by an MLP of low rank."""

import numpy as np
import torch
from torch import nn

from ...program import Program


class LowRank(nn.Module):
    def __init__(self, inputs, outputs, rank):
        super().__init__()
        self.down = nn.Linear(inputs, rank, bias=False)
        self.up = nn.Linear(rank, outputs)

    def forward(self, x):
        return self.up(self.down(x))


class CastingNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(
            nn.Linear(8, 96), nn.ReLU(), LowRank(96, 96, 12), nn.ReLU(), LowRank(96, 64, 12), nn.ReLU()
        )
        self.mean = nn.Linear(64, 1)
        self.log_var = nn.Linear(64, 1)

    def forward(self, x):
        h = self.trunk(x)
        return self.mean(h).squeeze(1), self.log_var(h).squeeze(1).clamp(-10, 4).exp()


def cast(rng, n):
    x = rng.normal(size=(n, 8))
    shrinkage = 0.5 * np.sin(1.5 * x[:, 0]) + 0.3 * x[:, 1] * x[:, 2] + 0.2 * np.abs(x[:, 3])
    spread = 0.03 + 0.12 * (x[:, 4] > 0.5)
    shrinkage = shrinkage + spread * rng.normal(size=n)
    return torch.tensor(x).float(), torch.tensor(shrinkage).float()


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    x, y = cast(rng, 6000)
    x_val, y_val = cast(rng, 1000)
    model = CastingNet()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=750)
    criterion = nn.GaussianNLLLoss()
    run.watch(model, optimizer, criterion)
    for epoch in range(10):
        for idx in torch.randperm(6000).split(80):
            mean, variance = model(x[idx])
            loss = criterion(mean, y[idx], variance)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            scheduler.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            mean, variance = model(x_val)
            run.log({"val_loss": criterion(mean, y_val, variance).item()})
    return 1 - ((mean - y_val).pow(2).mean() / y_val.var()).item()


PROGRAM = Program(train)
