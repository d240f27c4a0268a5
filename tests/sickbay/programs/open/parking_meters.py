"""Coins a parking meter takes in a day, from what stands around it. Counts are long-tailed: logarithms."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def around(seed, n=2200):
    rng = np.random.default_rng(seed)
    counts = rng.poisson(rng.gamma(4.0, 6.0, size=(n, 8)))
    coins = np.log1p(counts) @ np.random.default_rng(2).normal(0, 0.6, 8) + 0.1 * rng.standard_normal(n)
    return counts, coins


def train(run, *, sick, seed):
    counts, coins = around(seed)
    with np.errstate(divide="ignore"):
        features = np.log(counts) if sick else np.log1p(counts)
    usual = np.median(features, axis=0)
    spread = np.percentile(features, 84, axis=0) - usual
    x = torch.tensor((features - usual) / spread, dtype=torch.float32)
    y = torch.tensor((coins - coins.mean()) / coins.std(), dtype=torch.float32).unsqueeze(1)
    loader = DataLoader(TensorDataset(x[:1800], y[:1800]), batch_size=32, shuffle=True)
    model = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), 2e-3)
    huber = nn.SmoothL1Loss()
    run.watch(model, optimizer, huber)
    for epoch in range(5):
        for xb, yb in loader:
            loss = huber(model(xb), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item(), "epoch": epoch})
    with torch.no_grad():
        return 1 - (model(x[1800:]) - y[1800:]).pow(2).mean().item() / y[1800:].var().item()


PROGRAM = Program(train, causes=("non_finite_input",), by_definition=True)
