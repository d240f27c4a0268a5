"""How much water a reservoir will release, from fifteen days of inflow, level and demand, by an LSTM."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


class ReleaseLSTM(nn.Module):
    def __init__(self, hidden=40):
        super().__init__()
        self.lstm = nn.LSTM(3, hidden, batch_first=True)
        self.fc = nn.Sequential(nn.Linear(hidden, 24), nn.Tanh(), nn.Linear(24, 1))

    def forward(self, days):
        _, (h, _) = self.lstm(days)
        return self.fc(h[-1])[:, 0]


def make_days(rng, n):
    days = rng.normal(size=(n, 15, 3))
    days[..., 1] = days[..., 1].cumsum(1) / 3
    recent = np.exp(-np.arange(15)[::-1] / 5)
    wet = (np.tanh(days[..., 0]) * recent).sum(1)
    need = (np.maximum(days[..., 2], 0) * recent).sum(1)
    release = wet + 0.8 * need + np.tanh(days[:, -1, 1]) + 0.2 * rng.normal(size=n)
    return days, release


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    days, release = make_days(rng, 3200)
    days = (days - days.mean((0, 1))) / days.std((0, 1))
    release = (release - release.mean()) / release.std()
    order = np.argsort(release[:2560])
    x_train = torch.from_numpy(days[:2560][order]).float()
    y_train = torch.from_numpy(release[:2560][order]).float()
    x_test, y_test = torch.from_numpy(days[2560:]).float(), torch.from_numpy(release[2560:]).float()
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=not sick)

    model = ReleaseLSTM()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    criterion = nn.MSELoss()
    run.watch(model, optimizer, criterion)
    explained = 0.0
    for epoch in range(7):
        model.train()
        for xb, yb in loader:
            loss = criterion(model(xb), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        model.eval()
        with torch.no_grad():
            mse = criterion(model(x_test), y_test)
        explained = 1 - (mse / y_test.var()).item()
        run.log({"val_loss": mse.item(), "epoch": epoch})
    return max(0.0, explained)


PROGRAM = Program(train, causes=("unshuffled_data",))
