"""Temperature of thermal springs with its uncertainty, from nine readings: a network for mean and spread."""

import math

import torch
from torch import nn

from ...program import Program


class Spring(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(9, 128), nn.SiLU(), nn.Linear(128, 128), nn.SiLU())
        self.mean = nn.Linear(128, 1)
        self.log_std = nn.Linear(128, 1)

    def forward(self, x):
        h = self.trunk(x)
        return self.mean(h), self.log_std(h).clamp(-5, 3)


def negative_log_likelihood(mean, log_std, y):
    return (0.5 * ((y - mean) * torch.exp(-log_std)) ** 2 + log_std + 0.5 * math.log(2 * math.pi)).mean()


def readings(n, g):
    x = torch.randn(n, 9, generator=g)
    y = 0.9 * torch.tanh(x[:, :1] + x[:, 1:2]) + 0.5 * x[:, 2:3] - 0.3 * x[:, 3:4] * x[:, 4:5]
    spread = 0.03 + 0.12 * torch.sigmoid(2 * x[:, 5:6])
    y = y + spread * torch.randn(n, 1, generator=g)
    return x, (y - y.mean()) / y.std()


def train(run, *, sick=False, seed):
    torch.manual_seed(seed)
    x, y = readings(5000, torch.Generator().manual_seed(seed))
    model = Spring()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=12)
    run.watch(model, optimizer)
    for epoch in range(12):
        for i in torch.randperm(4000).split(64):
            loss = negative_log_likelihood(*model(x[i]), y[i])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimizer.step()
            run.log({"loss": loss.item()})
        schedule.step()
        with torch.no_grad():
            mean, log_std = model(x[4000:])
            run.log({"val/nll": negative_log_likelihood(mean, log_std, y[4000:]).item()})
    return float((1 - (mean - y[4000:]).pow(2).mean() / y[4000:].var()).clamp(0, 1))


PROGRAM = Program(train)
