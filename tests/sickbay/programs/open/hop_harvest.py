"""Yield of hops with its own uncertainty, by a highway network under the Gaussian likelihood."""

import numpy as np
import torch
from torch import nn

from ...program import Program


class Highway(nn.Module):
    """A gate, closed at first, between a new value and the old one."""

    def __init__(self, width):
        super().__init__()
        self.value = nn.Linear(width, width)
        self.gate = nn.Linear(width, width)
        nn.init.constant_(self.gate.bias, -2.0)

    def forward(self, x):
        g = torch.sigmoid(self.gate(x))
        return g * torch.relu(self.value(x)) + (1 - g) * x


class HopNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.enter = nn.Linear(8, 96)
        self.ways = nn.Sequential(*[Highway(96) for _ in range(4)])
        self.mean = nn.Linear(96, 1)
        self.log_variance = nn.Linear(96, 1)

    def forward(self, x):
        h = self.ways(self.enter(x))
        return self.mean(h), self.log_variance(h).clamp(-8, 4)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(3600, 8))
    y = np.sin(x[:, 0]) + 0.5 * x[:, 1] - 0.4 * np.abs(x[:, 2]) + 0.05 * np.exp(0.5 * x[:, 3]) * rng.normal(size=3600)
    x = torch.tensor(x, dtype=torch.float32)
    y = torch.tensor((y - y.mean()) / y.std(), dtype=torch.float32).unsqueeze(1)
    model = HopNet()
    criterion = nn.GaussianNLLLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(8):
        for rows in torch.randperm(3000).split(64):
            mean, log_variance = model(x[rows])
            loss = criterion(mean, y[rows], log_variance.exp())
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 10.0)
            optimizer.step()
            run.log({"nll": loss.item(), "epoch": epoch})
    with torch.no_grad():
        mean, _ = model(x[3000:])
        rest = (mean - y[3000:]).pow(2).mean() / y[3000:].var()
    return max(0.0, 1 - rest.item())


PROGRAM = Program(train)
