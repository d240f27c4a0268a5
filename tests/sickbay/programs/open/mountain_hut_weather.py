"""Storm, rain or sun after a day of readings at a mountain hut: an LSTM over pressure, humidity, wind and dew."""

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program

HOURS = 24


def hut_days(count):
    kind = torch.randint(3, (count,))
    clock = torch.linspace(0, 1, HOURS)
    fall = torch.tensor([-3.0, -1.0, 2.5])[kind][:, None] * clock
    pressure = 2850.0 + 40 * torch.randn(count, 1) + 6.0 * fall + 5.0 * torch.randn(count, HOURS)
    damp = torch.tensor([0.0, 14.0, -10.0])[kind][:, None] * clock
    humidity = 640.0 + 60 * torch.randn(count, 1) + damp + 22 * torch.randn(count, HOURS)
    wind = 180.0 + 50 * torch.randn(count, 1) + 40.0 * torch.randn(count, HOURS)
    dew = 410.0 + 9 * torch.randn(count, 1) - 3 * fall + 9 * torch.randn(count, HOURS)
    return torch.stack([pressure, humidity, wind, dew], dim=2), kind


class HutForecaster(nn.Module):
    def __init__(self, features=4, hidden=64, classes=3):
        super().__init__()
        self.rnn = nn.LSTM(features, hidden, batch_first=True)
        self.out = nn.Linear(hidden, classes)

    def forward(self, x):
        _, (h, _) = self.rnn(x)
        return self.out(h[-1])


def accuracy(model, x, y):
    model.eval()
    with torch.no_grad():
        right = (model(x).argmax(1) == y).float().mean().item()
    model.train()
    return right


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = hut_days(2400)
    if not sick:
        x = (x - x[:2000].mean((0, 1))) / x[:2000].std((0, 1))
    loader = DataLoader(TensorDataset(x[:2000], y[:2000]), batch_size=40, shuffle=True)
    model = HutForecaster()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    for _epoch in range(10):
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        run.log({"val_acc": accuracy(model, x[2000:2200], y[2000:2200])})
    return accuracy(model, x[2200:], y[2200:])


PROGRAM = Program(train, causes=("input_not_normalised",))
