"""Tomorrow's temperature of a valley from the last three weeks, an LSTM over a standardised series."""

import numpy as np
import torch
from torch import nn

from ...program import Program

WINDOW = 21


class Forecaster(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.rnn = nn.LSTM(1, hidden, batch_first=True)
        self.out = nn.Linear(hidden, 1)

    def forward(self, x):
        states, _ = self.rnn(x)
        return self.out(states[:, -1]).squeeze(-1)


def series(rng, days=2200):
    t = np.arange(days)
    season = 9 * np.sin(2 * np.pi * t / 365)
    weekly = 4 * np.sin(2 * np.pi * t / 9)
    drift = np.zeros(days)
    for i in range(1, days):
        drift[i] = 0.9 * drift[i - 1] + rng.normal(0, 0.8)
    return 11 + season + weekly + drift


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    raw = series(rng)
    cut = 1700
    mu, sigma = raw[:cut].mean(), raw[:cut].std()
    z = torch.tensor((raw - mu) / sigma, dtype=torch.float32)
    windows = z.unfold(0, WINDOW + 1, 1)
    train_w, test_w = windows[: cut - WINDOW], windows[cut:]

    model = Forecaster()
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.85)
    run.watch(model, optimizer, criterion)
    for epoch in range(12):
        for idx in torch.randperm(len(train_w)).split(40):
            w = train_w[idx]
            pred = model(w[:, :-1, None])
            loss = criterion(pred, w[:, -1])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"train_mse": loss.item()})
        scheduler.step()
        with torch.no_grad():
            val = criterion(model(test_w[:, :-1, None]), test_w[:, -1]).item()
        run.log({"val_mse": val, "lr": scheduler.get_last_lr()[0]})
    return max(0.0, 1 - val / test_w[:, -1].var().item())


PROGRAM = Program(train)
