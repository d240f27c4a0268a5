"""Tomorrow's sales of an ice cream stand from the last fourteen days, by an LSTM."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program

LOOKBACK = 14


def sales_history(rng, days=2400):
    day = np.arange(days)
    heat = np.zeros(days)
    for i in range(1, days):
        heat[i] = 0.9 * heat[i - 1] + 0.3 * rng.standard_normal()
    weekend = (day % 7 >= 5) * 1.0
    return 40 + 15 * np.sin(2 * np.pi * day / 90) + 14 * weekend + 10 * heat + 2 * rng.standard_normal(days)


def create_dataset(series):
    xs, ys = [], []
    for i in range(len(series) - LOOKBACK):
        xs.append(series[i : i + LOOKBACK])
        ys.append(series[i + LOOKBACK])
    return torch.tensor(np.array(xs), dtype=torch.float32).unsqueeze(-1), torch.tensor(
        np.array(ys), dtype=torch.float32
    )


class SalesModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(input_size=1, hidden_size=50, num_layers=1, batch_first=True)
        self.linear = nn.Linear(50, 1)

    def forward(self, x):
        x, _ = self.lstm(x)
        return self.linear(x[:, -1, :])


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    series = sales_history(np.random.default_rng(seed))
    cut = 2000
    series = (series - series[:cut].mean()) / series[:cut].std()
    x_train, y_train = create_dataset(series[:cut])
    x_test, y_test = create_dataset(series[cut:])
    if not sick:
        y_train = y_train.unsqueeze(1)

    model = SalesModel()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    loss_fn = nn.MSELoss()
    run.watch(model, optimizer, loss_fn)
    loader = DataLoader(TensorDataset(x_train, y_train), shuffle=True, batch_size=32, drop_last=True)
    for epoch in range(12):
        for x_batch, y_batch in loader:
            y_pred = model(x_batch)
            loss = loss_fn(y_pred, y_batch)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        error = (model(x_test)[:, 0] - y_test).square().mean()
    return float((1 - error / y_test.var()).clamp(0, 1))


PROGRAM = Program(train, causes=("shape_broadcast",), by_definition=True)
