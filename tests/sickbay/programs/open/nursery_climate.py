"""How well will the seedlings grow? A GRU reads temperature, humidity, air pressure and carbon dioxide of a nursery."""

import numpy as np
import torch
from torch import nn

from ...program import Program


def nursery(rng, n, steps=20):
    z = rng.standard_normal((n, steps, 4)).cumsum(1) / 3
    z += rng.standard_normal((n, 1, 4))
    temperature = 21 + 3 * z[..., 0]
    humidity = 60 + 9 * z[..., 1]
    pressure = 101300 + 700 * z[..., 2]
    carbon = 600 + 120 * z[..., 3]
    growth = np.tanh(z[:, -8:, 0].mean(1)) + 0.6 * np.tanh(z[:, -8:, 1].mean(1)) + 0.4 * z[:, -8:, 3].mean(1)
    growth += 0.1 * rng.standard_normal(n)
    return np.stack([temperature, humidity, pressure, carbon], -1).astype(np.float32), growth.astype(np.float32)


class ClimateGRU(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(4, 32, batch_first=True)
        self.head = nn.Sequential(nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))

    def forward(self, x):
        _, h = self.gru(x)
        return self.head(h[0])[:, 0]


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    x, y = nursery(rng, 2000)
    x_test, y_test = nursery(rng, 400)
    if not sick:
        mean, std = x.mean((0, 1)), x.std((0, 1))
        x, x_test = (x - mean) / std, (x_test - mean) / std
    y_mean, y_std = y.mean(), y.std()
    x, x_test = torch.from_numpy(x), torch.from_numpy(x_test)
    y, y_test = torch.from_numpy((y - y_mean) / y_std), torch.from_numpy((y_test - y_mean) / y_std)

    model = ClimateGRU()
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(8):
        perm = torch.randperm(len(x))
        for i in range(0, len(x), 40):
            batch = perm[i : i + 40]
            loss = criterion(model(x[batch]), y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            val = criterion(model(x_test), y_test).item()
        run.log({"val_loss": val})
    return float(np.clip(1 - val / y_test.var().item(), 0, 1))


PROGRAM = Program(train, causes=("input_not_normalised",))
