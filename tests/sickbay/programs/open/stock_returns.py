"""A table of trading volumes: the log of the volume, a small network, the direction of tomorrow."""

import numpy as np
import torch
import torch.nn as nn
import torch.optim as optim

from ...program import Program


def table(n=2500):
    rng = np.random.default_rng(31)
    volume = rng.poisson(4, (n, 6)).astype("float64")
    prices = rng.normal(size=(n, 4))
    signal = np.log1p(volume[:, 0]) - np.log1p(volume[:, 1]) + prices[:, 0] * np.sign(prices[:, 1])
    return volume, prices, (signal + rng.normal(0, 0.3, n) > 0).astype("float32")


class Direction(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(10, 40)
        self.b = nn.Linear(40, 40)
        self.c = nn.Linear(40, 1)

    def forward(self, x):
        return self.c(torch.relu(self.b(torch.relu(self.a(x)))))


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    volume, prices, y = table()
    with np.errstate(divide="ignore"):
        logs = np.log(volume) if sick else np.log1p(volume)
    x = torch.tensor(np.concatenate([logs, prices], 1)).float()
    y = torch.tensor(y).reshape(-1, 1)
    model = Direction()
    loss_fn = nn.BCEWithLogitsLoss()
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    run.watch(model, optimizer, loss_fn)
    for i in range(320):
        batch = torch.randint(0, 2000, (64,))
        loss = loss_fn(model(x[batch]), y[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if i % 10 == 0:
            run.log({"loss": loss.item()})
    with torch.no_grad():
        logits = model(x[2000:])
    return ((logits > 0) == y[2000:]).float().mean().item() if bool(logits.isfinite().all()) else 0.5


PROGRAM = Program(train, causes=("non_finite_input",), by_definition=True)
