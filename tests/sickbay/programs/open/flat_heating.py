"""A transformer over the hours of a day predicts what a block of flats uses for heating."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


class HeatingModel(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.project = nn.Linear(3, d)
        self.hour = nn.Parameter(0.1 * torch.randn(24, d))
        layer = nn.TransformerEncoderLayer(d, 2, 64, dropout=0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2)
        self.regress = nn.Sequential(nn.Linear(d, 32), nn.ReLU(), nn.Linear(32, 1))

    def forward(self, x):
        return self.regress(self.encoder(self.project(x) + self.hour).mean(1)).squeeze(-1)


def days(rng, n):
    mean = rng.normal(4, 7, (n, 1))
    hours = np.arange(24)
    temp = mean + 4 * np.sin((hours - 9) / 24 * 2 * np.pi) + rng.normal(0, 1, (n, 24))
    wind = rng.gamma(2, 2, (n, 1)) + rng.normal(0, 0.5, (n, 24))
    sun = np.clip(np.sin((hours - 6) / 12 * np.pi), 0, None) * rng.uniform(0, 1, (n, 1))
    need = np.clip(19 - temp + 0.4 * wind - 5 * sun, 0, None).sum(1)
    x = np.stack([(temp - 4) / 7.6, (wind - 4) / 2.9, (sun - 0.16) / 0.24], 2)
    return x, 2500 + 18 * need + 150 * rng.normal(size=n)


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    x, kwh = days(rng, 2000)
    mean, std = (0.0, 1.0) if sick else (kwh[:1600].mean(), kwh[:1600].std())
    x = torch.tensor(x, dtype=torch.float32)
    y = torch.tensor((kwh - mean) / std, dtype=torch.float32)
    loader = DataLoader(TensorDataset(x[:1600], y[:1600]), batch_size=32, shuffle=True)
    model = HeatingModel()
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(6):
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
            run.log({"mse": loss.item()})
    model.eval()
    with torch.no_grad():
        residual = model(x[1600:]) - y[1600:]
    return float((1 - residual.pow(2).mean() / y[1600:].var()).clamp(0, 1))


PROGRAM = Program(train, causes=("target_not_scaled",))
