"""Copies sold tomorrow at one kiosk chain from two weeks of sales and weekdays, forecast by a GRU."""

import math

import torch
from torch import nn

from ...program import Program


def sales_series(days, g):
    day = torch.arange(days, dtype=torch.float32)
    week = torch.tensor([0.9, 0.85, 0.9, 1.0, 1.15, 1.6, 0.4])[torch.arange(days) % 7]
    season = 1 + 0.25 * torch.sin(2 * math.pi * day / 180)
    drift = torch.zeros(days)
    noise = torch.randn(days, generator=g)
    for d in range(1, days):
        drift[d] = 0.95 * drift[d - 1] + 0.03 * noise[d]
    return 24000 * week * season * (1 + drift)


class SalesGRU(nn.Module):
    def __init__(self, hidden=40):
        super().__init__()
        self.gru = nn.GRU(8, hidden, batch_first=True)
        self.dense = nn.Linear(hidden, 1)

    def forward(self, x):
        h, _ = self.gru(x)
        return self.dense(h[:, -1]).squeeze(-1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    copies = sales_series(1800, g)
    scaled = (copies - copies[:1400].mean()) / copies[:1400].std()
    weekday = torch.eye(7)[torch.arange(1800) % 7]
    features = torch.cat([scaled[:, None], weekday], 1)
    x = torch.stack([features[i : i + 14] for i in range(1800 - 14)])
    target = (copies if sick else scaled)[14:]
    x_train, y_train, x_test, y_test = x[:1400], target[:1400], x[1400:], target[1400:]

    model = SalesGRU()
    mse = nn.MSELoss()
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    sched = torch.optim.lr_scheduler.StepLR(opt, step_size=8, gamma=0.5)
    run.watch(model, opt, mse)
    for epoch in range(14):
        for rows in torch.randperm(1400).split(35):
            opt.zero_grad()
            loss = mse(model(x_train[rows]), y_train[rows])
            loss.backward()
            opt.step()
            run.log({"train_loss": loss.item()})
        sched.step()
        with torch.no_grad():
            run.log({"val_loss": mse(model(x_test), y_test).item(), "epoch": epoch})
    with torch.no_grad():
        r2 = 1 - (model(x_test) - y_test).pow(2).mean() / y_test.var()
    return float(r2.clamp(0, 1))


PROGRAM = Program(train, causes=("target_not_scaled",))
