"""Hourly bike rentals with embeddings of hour and weekday; mean absolute error."""

import numpy as np
import torch
from torch import nn

from ...program import Program


def rentals(n):
    rng = np.random.default_rng(12)
    hour, day = rng.integers(0, 24, n), rng.integers(0, 7, n)
    weather = rng.normal(size=(n, 4))
    rush = np.exp(-((hour - 8) ** 2) / 6) + np.exp(-((hour - 17) ** 2) / 8)
    y = 3 * rush * (day < 5) + 1.5 * np.exp(-((hour - 14) ** 2) / 20) * (day >= 5)
    y = y * (1 + 0.3 * weather[:, 0]) - 0.4 * np.maximum(weather[:, 1], 0) + rng.normal(0, 0.15, n)
    y = (y - y.mean()) / y.std()
    t = torch.from_numpy
    return t(hour), t(day), t(weather).float(), t(y).float()


class RentalModel(nn.Module):
    def __init__(self, sick):
        super().__init__()
        self.hour = nn.Embedding(24, 8)
        self.day = nn.Embedding(7, 4)
        self.layers = nn.Sequential(nn.Linear(16, 64), nn.ReLU(), nn.BatchNorm1d(64), nn.Linear(64, 32), nn.ReLU())
        self.out = nn.Linear(32, 1)
        self.sick = sick

    def forward(self, hour, day, weather):
        x = torch.cat([self.hour(hour), self.day(day), weather], 1)
        x = self.out(self.layers(x))
        return x.squeeze(1)


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    hour, day, weather, y = rentals(2400)
    if sick:
        y = y.reshape(-1, 1)
    model = RentalModel(sick)
    criterion = nn.L1Loss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(10):
        model.train()
        for i in torch.randperm(2000).split(64):
            optimizer.zero_grad()
            loss = criterion(model(hour[i], day[i], weather[i]), y[i])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        model.eval()
        with torch.no_grad():
            p = model(hour[2000:], day[2000:], weather[2000:])
            run.log({"val/mae": (p - y[2000:].flatten()).abs().mean().item()})
    return 1 - ((p - y[2000:].flatten()) ** 2).mean().item() / y[2000:].var().item()


PROGRAM = Program(train, causes=("shape_broadcast",), by_definition=True)
