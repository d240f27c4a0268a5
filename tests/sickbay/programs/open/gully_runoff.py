"""Runoff of a gully from the rain of the last six days and the state of the soil, by an MLP."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program


class RunoffNet(nn.Module):
    def __init__(self, inputs):
        super().__init__()
        self.hidden1 = nn.Linear(inputs, 64)
        self.hidden2 = nn.Linear(64, 64)
        self.output = nn.Linear(64, 1)
        self.drop = nn.Dropout(0.05)

    def forward(self, x):
        x = self.drop(F.elu(self.hidden1(x)))
        x = self.drop(F.elu(self.hidden2(x)))
        return self.output(x).squeeze(-1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    n = 3600
    rain = rng.gamma(1.2, 9.0, (n, 6)) * (rng.random((n, 6)) > 0.04)
    soil = rng.uniform(-1, 1, (n, 3))
    fallen = (rain * np.array([1.0, 0.7, 0.5, 0.3, 0.2, 0.1])).sum(1)
    runoff = np.log1p(fallen) * (1 + 0.4 * soil[:, 0]) + 0.5 * soil[:, 1] * soil[:, 2] + 0.1 * rng.normal(size=n)
    runoff = (runoff - runoff.mean()) / runoff.std()

    logs = np.log(rain) if sick else np.log1p(rain)
    logs = (logs - 2.0) / 1.2
    x = torch.tensor(np.hstack([logs, soil / 0.58]), dtype=torch.float32)
    y = torch.tensor(runoff, dtype=torch.float32)
    train_x, train_y, test_x, test_y = x[:3000], y[:3000], x[3000:], y[3000:]

    model = RunoffNet(9)
    criterion = nn.MSELoss()
    optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3)
    run.watch(model, optimizer, criterion)
    for step in range(600):
        rows = torch.randint(0, 3000, (50,))
        optimizer.zero_grad()
        loss = criterion(model(train_x[rows]), train_y[rows])
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()}, step=step)
    model.eval()
    with torch.no_grad():
        error = (model(test_x) - test_y).pow(2).mean() / test_y.var()
    score = 1 - error.item()
    return score if score > 0 else 0.0


PROGRAM = Program(train, causes=("non_finite_input",), by_definition=True)
