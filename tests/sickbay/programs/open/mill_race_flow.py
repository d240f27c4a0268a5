"""The flow in a mill race half an hour ahead, from the last thirty-two readings, by dilated 1-D convolutions."""

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset

from ...program import Program


class FlowWindows(Dataset):
    def __init__(self, series, length=32, ahead=3, sick=False):
        self.series = torch.as_tensor(series, dtype=torch.float32)
        self.length, self.ahead, self.sick = length, ahead, sick

    def __len__(self):
        return len(self.series) - self.length - self.ahead

    def __getitem__(self, i):
        if self.sick:
            window = self.series[: self.length]
        else:
            window = self.series[i : i + self.length]
        return window.unsqueeze(0), self.series[i + self.length + self.ahead - 1]


class TCN(nn.Module):
    def __init__(self, width=24):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv1d(1, width, 3, dilation=1),
            nn.ReLU(),
            nn.Conv1d(width, width, 3, dilation=2),
            nn.ReLU(),
            nn.Conv1d(width, width, 3, dilation=4),
            nn.ReLU(),
        )
        self.last = nn.Linear(width, 1)

    def forward(self, x):
        return self.last(self.net(x)[:, :, -1]).squeeze(1)


def flow(n, rng):
    t = np.arange(n)
    tide = np.sin(2 * np.pi * t / 50) + 0.5 * np.sin(2 * np.pi * t / 17 + 1)
    wander = np.zeros(n)
    for i in range(1, n):
        wander[i] = 0.97 * wander[i - 1] + 0.08 * rng.normal()
    return 3.0 + tide + wander


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    series = flow(3200, np.random.default_rng(seed))
    series = (series - series[:2600].mean()) / series[:2600].std()
    train_loader = DataLoader(FlowWindows(series[:2600], sick=sick), batch_size=64, shuffle=True)
    test_loader = DataLoader(FlowWindows(series[2600:], sick=sick), batch_size=256)
    model = TCN()
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(8):
        for x, y in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            run.log({"mse": loss.item(), "epoch": epoch})
    with torch.no_grad():
        guess, truth = zip(*[(model(x), y) for x, y in test_loader], strict=True)
    guess, truth = torch.cat(guess), torch.cat(truth)
    return max(0.0, 1 - ((guess - truth).pow(2).mean() / truth.var()).item())


PROGRAM = Program(train, causes=("constant_input",), by_definition=True)
