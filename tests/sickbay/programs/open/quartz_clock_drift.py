"""A network predicts how far a quartz clock drifts, and how sure it is of that."""

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def clocks(n):
    temp = 5 + 35 * torch.rand(n)
    age = 12 * torch.rand(n)
    volts = 2.9 + 0.15 * torch.randn(n)
    shock = torch.randn(n).abs()
    drift = -0.034 * (temp - 25) ** 2 + 0.4 * age + 6 * (volts - 2.9) * (1 + 0.1 * age)
    drift = drift + (0.05 + 0.35 * shock) * torch.randn(n)
    return torch.stack([temp, age, volts, shock], 1), drift[:, None]


class DriftNet(nn.Module):
    def __init__(self, width=256):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU())
        self.mean = nn.Linear(width, 1)
        self.spread = nn.Linear(width, 1)

    def forward(self, x):
        h = self.body(x)
        return self.mean(h), F.softplus(self.spread(h)) + 1e-3


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = clocks(5000)
    x = (x - x[:4000].mean(0)) / x[:4000].std(0)
    y = (y - y[:4000].mean()) / y[:4000].std()
    loader = DataLoader(TensorDataset(x[:4000], y[:4000]), batch_size=80, shuffle=True)

    net = DriftNet()
    criterion = nn.GaussianNLLLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    epochs = 14
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs * len(loader))
    run.watch(net, optimizer, criterion)

    for _ in range(epochs):
        for xb, yb in loader:
            mean, var = net(xb)
            loss = criterion(mean, yb, var)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            scheduler.step()
            run.log({"nll": loss.item()})
        with torch.no_grad():
            mean, var = net(x[4000:])
            run.log({"val_nll": criterion(mean, y[4000:], var).item()})

    with torch.no_grad():
        mean, _ = net(x[4000:])
    return max(0.0, 1 - F.mse_loss(mean, y[4000:]).item() / y[4000:].var().item())


PROGRAM = Program(train)
