"""Tomorrow's temperature from today's readings; the sensor for sunshine fails at times."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def station(rng, days=2000):
    day = np.arange(days)
    temp = 10 + 9 * np.sin(2 * np.pi * day / 365) + np.convolve(rng.normal(size=days + 9), np.ones(10) / 2, "valid")
    sun = np.clip(0.3 * temp + rng.normal(3, 2, days), 0, None)
    table = np.stack([temp, np.roll(temp, 1), sun, rng.normal(1013, 8, days), rng.uniform(30, 100, days)], 1)
    table[rng.random(days) < 0.02, 2] = np.nan
    return table[1:-1], temp[2:]


def train(run, *, sick, seed):
    x, y = station(np.random.default_rng(seed))
    if not sick:
        x = np.where(np.isnan(x), np.nanmean(x, axis=0), x)
    x = (x - np.nanmean(x, 0)) / np.nanstd(x, 0)
    mean, std = y.mean(), y.std()
    x, y = torch.tensor(x).float(), torch.tensor((y - mean) / std).float().view(-1, 1)
    model = nn.Sequential(nn.Linear(5, 128), nn.Tanh(), nn.Linear(128, 1))
    loss_fn = nn.MSELoss()
    optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3)
    run.watch(model, optimizer, loss_fn)
    for epoch in range(10):
        for xb, yb in DataLoader(TensorDataset(x[:1600], y[:1600]), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = loss_fn(model(xb), yb)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        r2 = 1 - loss_fn(model(torch.nan_to_num(x[1600:])), y[1600:]) / y[1600:].var()
    return float(torch.nan_to_num(r2))


PROGRAM = Program(train, causes=("non_finite_input",), by_definition=True)
