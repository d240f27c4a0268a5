"""Tomorrow's level of a lake from the last thirty days of level and rain, with an LSTM."""

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def simulate(days, rng):
    rain = np.where(rng.random(days) < 0.3, rng.gamma(2.0, 1.5, days), 0.0)
    level, soak = np.zeros(days), 0.0
    for d in range(1, days):
        soak = 0.7 * soak + 0.3 * rain[d - 1]
        level[d] = 0.93 * level[d - 1] + 0.4 * soak + 0.05 * rng.normal()
    return np.stack([level, rain], 1).astype("float32")


def make_windows(table, length=30):
    x = np.stack([table[i : i + length] for i in range(len(table) - length)])
    y = table[length:, 0]
    return torch.from_numpy(x), torch.from_numpy(y.copy())


class LevelLSTM(nn.Module):
    def __init__(self, input_size=2, hidden_size=48):
        super().__init__()
        self.lstm = nn.LSTM(input_size, hidden_size, batch_first=True)
        self.linear = nn.Linear(hidden_size, 1)

    def forward(self, x):
        out, _ = self.lstm(x)
        return self.linear(out[:, -1, :])


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    table = simulate(3600, np.random.default_rng(seed))
    split = 3000
    mu, sd = table[:split].mean(0), table[:split].std(0)
    table = (table - mu) / sd
    x_train, y_train = make_windows(table[:split])
    x_test, y_test = make_windows(table[split:])
    if not sick:
        y_train = y_train.unsqueeze(1)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True)

    model = LevelLSTM()
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(14):
        total = 0.0
        for xb, yb in loader:
            pred = model(xb)
            loss = criterion(pred, yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
            run.log({"loss": loss.item()})
        run.log({"epoch": epoch, "mean_loss": total / len(loader)})

    with torch.no_grad():
        pred = model(x_test).view(-1)
    r2 = 1 - ((pred - y_test) ** 2).sum() / ((y_test - y_test.mean()) ** 2).sum()
    return float(r2.clamp(0, 1))


PROGRAM = Program(train, causes=("shape_broadcast",), by_definition=True)
