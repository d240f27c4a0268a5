"""Next month's price of a lakefront house in dollars from its last twelve months, by an LSTM."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def price_paths(rng, n, months=13):
    start = rng.normal(320_000, 60_000, (n, 1))
    drift = rng.normal(2_000, 3_000, (n, 1))
    season = 12_000 * np.sin(2 * np.pi * (np.arange(months) + rng.integers(0, 12, (n, 1))) / 12)
    return start + drift * np.arange(months) + season + rng.normal(0, 4_000, (n, months))


class PriceLSTM(nn.Module):
    def __init__(self, hidden_size=48):
        super().__init__()
        self.lstm = nn.LSTM(1, hidden_size, num_layers=2, batch_first=True)
        self.fc = nn.Linear(hidden_size, 1)

    def forward(self, x):
        out, _ = self.lstm(x)
        return self.fc(out[:, -1])


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    paths = price_paths(np.random.default_rng(seed), 2300)
    history, target = paths[:, :12, None], paths[:, 12:]
    mean, std = history[:2000].mean(), history[:2000].std()
    history = (history - mean) / std
    if not sick:
        target = (target - mean) / std
    history = torch.tensor(history, dtype=torch.float32)
    target = torch.tensor(target, dtype=torch.float32)
    train_set = TensorDataset(history[:2000], target[:2000])
    x_val, y_val = history[2000:], target[2000:]

    model = PriceLSTM()
    loss_fn = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer, loss_fn)
    for epoch in range(12):
        for xb, yb in DataLoader(train_set, batch_size=50, shuffle=True):
            optimizer.zero_grad()
            loss = loss_fn(model(xb), yb)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            val_loss = loss_fn(model(x_val), y_val)
        run.log({"val_loss": val_loss.item()})
    return float((1 - val_loss / y_val.var()).clamp(0, 1))


PROGRAM = Program(train, causes=("target_not_scaled",))
