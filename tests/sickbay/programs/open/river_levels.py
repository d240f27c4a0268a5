"""Levels of a river from gauges upstream; each window is standardised by its own deviation, dry gauges read zero."""

import torch
from torch import nn

from ...program import Program


class WindowNorm(nn.Module):
    def __init__(self, safe):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(1))
        self.eps = 1e-5 if safe else 0.0

    def forward(self, x):
        center = x - x.mean(-1, keepdim=True)
        return self.gain * center / torch.sqrt(center.pow(2).mean(-1, keepdim=True) + self.eps)


class LevelNet(nn.Module):
    def __init__(self, safe):
        super().__init__()
        self.conv = nn.Conv1d(3, 12, 3, padding=1, bias=False)
        self.norm = WindowNorm(safe)
        self.fc = nn.Sequential(nn.Flatten(), nn.Linear(12 * 16, 48), nn.ReLU(), nn.Linear(48, 1))

    def forward(self, x):
        return self.fc(self.norm(self.conv(x)))


def gauges(n, g):
    t = torch.arange(16).float()
    phase = 6.28 * torch.rand(n, 3, 1, generator=g)
    x = torch.sin(0.5 * t + phase) + 0.1 * torch.randn(n, 3, 16, generator=g)
    y = torch.sin(0.5 * 18 + phase[:, :1, 0]) + 0.5 * torch.cos(phase[:, 1:2, 0])
    dry = torch.rand(n, generator=g) < 0.003
    x[dry] = 0
    return x, y


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(18)
    x, y = gauges(2000, g)
    model = LevelNet(not sick)
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(7):
        for i in torch.randperm(1600, generator=torch.Generator().manual_seed(epoch)).split(32):
            optimizer.zero_grad()
            loss = criterion(model(x[i]), y[i])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        p = model(x[1600:])
    return 1 - (p - y[1600:]).pow(2).mean().item() / y.var().item() if bool(p.isfinite().any()) else 0.0


PROGRAM = Program(train, causes=("unstable_layer",), by_definition=True, onset=6)
