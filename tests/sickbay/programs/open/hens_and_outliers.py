"""Egg weights with a few absurd entries, by a Huber loss that does not mind them."""

import numpy as np
import torch
from torch import nn

from ...program import Program


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2600, 7)).astype(np.float32)
    clean = np.sin(x[:, 0] * 2) + 0.8 * x[:, 1] + x[:, 2] * np.tanh(x[:, 3])
    clean = ((clean - clean.mean()) / clean.std()).astype(np.float32)
    y = clean + 0.1 * rng.normal(size=2600).astype(np.float32)
    wrong = rng.random(2600) < 0.02
    y[wrong] += rng.choice([-1, 1], wrong.sum()) * rng.uniform(10, 60, wrong.sum()).astype(np.float32)
    x, y, clean = map(torch.from_numpy, (x, y.astype(np.float32), clean))
    model = nn.Sequential(nn.Linear(7, 80), nn.ReLU(), nn.Linear(80, 80), nn.ReLU(), nn.Linear(80, 1), nn.Flatten(0))
    criterion = nn.HuberLoss(delta=0.5)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(12):
        for rows in torch.randperm(2100).split(42):
            optimizer.zero_grad()
            loss = criterion(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            run.log({"huber": loss.item()})
    with torch.no_grad():
        return 1 - ((model(x[2100:]) - clean[2100:]).pow(2).mean() / clean[2100:].var()).item()


PROGRAM = Program(train)
