"""A GRU forecasts the next hour of a windmill's output from the last two days."""

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset

from ...program import Program


def hours(n, rng):
    t = np.arange(n)
    gust = np.zeros(n)
    for i in range(1, n):
        gust[i] = 0.92 * gust[i - 1] + 0.25 * rng.normal()
    day = np.sin(2 * np.pi * t / 24)
    week = np.sin(2 * np.pi * t / 168 + 1)
    return 40 + 9 * day + 5 * week * day + 6 * gust + 0.8 * rng.normal(size=n)


class Windows(Dataset):
    def __init__(self, series, length=48):
        self.series = torch.tensor(series, dtype=torch.float32)
        self.length = length

    def __len__(self):
        return len(self.series) - self.length

    def __getitem__(self, i):
        return self.series[i : i + self.length, None], self.series[i + self.length, None]


class Forecaster(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(1, 32, batch_first=True)
        self.head = nn.Linear(32, 1)

    def forward(self, x):
        out, _ = self.gru(x)
        return self.head(out[:, -1])


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    series = hours(3000, np.random.default_rng(seed))
    past, future = series[:2400], series[2400:]
    mu, sigma = past.mean(), past.std()
    train_data, test_data = Windows((past - mu) / sigma), Windows((future - mu) / sigma)
    loader = DataLoader(train_data, batch_size=64, shuffle=True)

    net = Forecaster()
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    run.watch(net, optimizer, criterion)
    for epoch in range(9):
        for x, y in loader:
            loss = criterion(net(x), y)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            run.log({"mse": loss.item()})

    net.eval()
    x, y = next(iter(DataLoader(test_data, batch_size=len(test_data))))
    with torch.no_grad():
        return max(0.0, 1 - criterion(net(x), y).item() / y.var().item())


PROGRAM = Program(train)
