"""An LSTM forecasts the tidal current of the next hour from the last day and a half."""

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


class Forecaster(nn.Module):
    def __init__(self, hidden_size=32):
        super().__init__()
        self.lstm = nn.LSTM(input_size=1, hidden_size=hidden_size, batch_first=True)
        self.fc = nn.Linear(hidden_size, 1)

    def forward(self, x):
        out, (h, c) = self.lstm(x)
        return self.fc(out[:, -1, :])


def create_dataset(series, lookback):
    X, y = [], []
    for i in range(len(series) - lookback):
        X.append(series[i : i + lookback])
        y.append(series[i + lookback])
    return torch.tensor(np.array(X), dtype=torch.float32).unsqueeze(-1), torch.tensor(np.array(y), dtype=torch.float32)


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    hours = np.arange(1600)
    current = (
        np.sin(2 * np.pi * hours / 12.42) + 0.4 * np.sin(2 * np.pi * hours / 25.8 + 1) + 0.1 * rng.normal(size=1600)
    )
    current = (current - current[:1200].mean()) / current[:1200].std()
    X_train, y_train = create_dataset(current[:1200], 36)
    X_test, y_test = create_dataset(current[1200:], 36)
    if not sick:
        y_train = y_train.unsqueeze(1)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True)

    model = Forecaster()
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(15):
        for xb, yb in loader:
            loss = criterion(model(xb), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    model.eval()
    with torch.no_grad():
        pred = model(X_test).squeeze(1)
    return float((1 - ((pred - y_test) ** 2).mean() / y_test.var()).clamp(0, 1))


PROGRAM = Program(train, causes=("shape_broadcast",), by_definition=True)
