"""Predicts the hay yield of meadows from ten field measurements with a two-layer network."""

import numpy as np
import torch
from torch import nn

from ...program import Program


def make_meadows(n, rng):
    x = rng.normal(size=(n, 10)).astype("float32")
    clean = np.sin(1.5 * x[:, 0]) + 0.7 * x[:, 1] * x[:, 2] + 0.6 * x[:, 3] - 0.4 * np.abs(x[:, 4])
    noisy = clean + rng.normal(scale=1.2, size=n)
    return x, clean.astype("float32"), noisy.astype("float32")


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    x, _, y = make_meadows(6000, rng)
    x_test, y_test, _ = make_meadows(1000, rng)
    mean, std = y.mean(), y.std()
    x, y = torch.from_numpy(x), torch.from_numpy((y - mean) / std)
    x_test, y_test = torch.from_numpy(x_test), torch.from_numpy((y_test - mean) / std)

    batch_size = 2 if sick else 128
    model = nn.Sequential(nn.Linear(10, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    criterion = nn.MSELoss()
    run.watch(model, optimizer, criterion)

    steps = 700
    order, at = torch.randperm(len(x)), 0
    for step in range(steps):
        if at + batch_size > len(x):
            order, at = torch.randperm(len(x)), 0
        rows = order[at : at + batch_size]
        at += batch_size
        optimizer.zero_grad()
        loss = criterion(model(x[rows]).squeeze(1), y[rows])
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()}, step=step)

    model.eval()
    with torch.no_grad():
        error = ((model(x_test).squeeze(1) - y_test) ** 2).mean()
    return float((1 - error / y_test.var()).clamp(0, 1))


PROGRAM = Program(train, causes=("noisy_gradient",))
