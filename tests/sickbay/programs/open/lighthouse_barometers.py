"""Forecasts the wind at a lighthouse from sixteen hours of barometer, thermometer and swell with a GRU."""

import numpy as np
import torch
from torch import nn

from ...program import Program


def diary(rng, hours):
    front = np.zeros(hours)
    for t in range(2, hours):
        front[t] = 1.75 * front[t - 1] - 0.78 * front[t - 2] + rng.normal(0, 0.2)
    front = front / front.std()
    sea = np.convolve(front, np.ones(6) / 6, mode="full")[:hours]
    pressure = 101300.0 + 900.0 * front + rng.normal(0, 60, hours)  # Pa
    temperature = 284.0 + 4.0 * np.sin(np.arange(hours) / 24 * 2 * np.pi) - 1.5 * sea  # K
    swell = 220.0 + 70.0 * sea + rng.normal(0, 8, hours)  # cm
    wind = np.tanh(front) - 0.6 * np.gradient(front) * 4 + 0.3 * sea
    wind = (wind - wind.mean()) / wind.std()
    return np.stack([pressure, temperature, swell], 1).astype(np.float32), wind.astype(np.float32)


class WindGRU(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(3, 32, batch_first=True)
        self.out = nn.Linear(32, 1)

    def forward(self, x):
        return self.out(self.gru(x)[0][:, -1]).squeeze(1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    table, wind = diary(rng, 3600)
    if not sick:
        table = (table - table[:2800].mean(0)) / table[:2800].std(0)

    window = 16
    x = torch.from_numpy(np.stack([table[i : i + window] for i in range(len(table) - window)]))
    y = torch.from_numpy(wind[window - 1 : -1])
    x_train, y_train, x_test, y_test = x[:2784], y[:2784], x[2816:], y[2816:]

    model = WindGRU()
    mse = nn.MSELoss()
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    run.watch(model, opt, mse)

    step = 0
    for epoch in range(8):
        for idx in torch.randperm(len(x_train)).split(64):
            loss = mse(model(x_train[idx]), y_train[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
            run.log({"mse": loss.item(), "loss": loss.item()}, step=step)
            step += 1
        with torch.no_grad():
            val = mse(model(x_test), y_test).item()
        run.log({"val_loss": val}, step=step - 1)
    return min(1.0, max(0.0, 1.0 - val / y_test.var().item()))


PROGRAM = Program(train, causes=("input_not_normalised",))
