"""Tomorrow's load of a substation in kilowatts, from the last day, by a GRU."""

import numpy as np
import torch
from torch import nn

from ...program import Program


class Forecaster(nn.Module):
    def __init__(self, hidden=40):
        super().__init__()
        self.gru = nn.GRU(1, hidden, batch_first=True)
        self.fc = nn.Linear(hidden, 1)

    def forward(self, x):
        out, _ = self.gru(x)
        return self.fc(out[:, -1, :])


def load_curve(hours, rng):
    t = np.arange(hours)
    day = np.sin(2 * np.pi * t / 24) + 0.5 * np.sin(4 * np.pi * t / 24 + 1)
    week = np.where((t // 24) % 7 < 5, 1.0, 0.6)
    return 24000 + 9000 * day * week + rng.normal(0, 700, hours)


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    load = load_curve(3000, rng)
    mean, std = load[:2400].mean(), load[:2400].std()
    scaled = (load - mean) / std
    window = 24
    X = np.stack([scaled[i : i + window] for i in range(len(load) - window)])
    y = load[window:] if sick else scaled[window:]
    X = torch.tensor(X, dtype=torch.float32).unsqueeze(-1)
    y = torch.tensor(y, dtype=torch.float32).unsqueeze(-1)
    n_train = 2300
    model = Forecaster()
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(10):
        model.train()
        for idx in torch.randperm(n_train).split(64):
            optimizer.zero_grad()
            loss = criterion(model(X[idx]), y[idx])
            loss.backward()
            optimizer.step()
            run.log({"train_loss": loss.item()})
        model.eval()
        with torch.no_grad():
            val = criterion(model(X[n_train:]), y[n_train:]).item()
        run.log({"val_loss": val})
    return max(0.0, 1 - val / y[n_train:].var().item())


PROGRAM = Program(train, causes=("target_not_scaled",))
