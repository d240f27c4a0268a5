"""Sixty patients, two hundred genes: early stopping and weight decay or none; validation each epoch."""

import numpy as np
import torch
from torch import nn

from ...program import Program


def patients(n, rng):
    x = rng.normal(size=(n, 200)).astype("float32")
    score = x[:, :6].sum(1) + rng.normal(0, 1.2, n)
    return torch.from_numpy(x), torch.from_numpy((score > 0).astype("int64"))


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    rng = np.random.default_rng(21)
    n = 60 if sick else 1500  # the fix: the other cohorts are used as well
    x, y = patients(n, rng)
    x_val, y_val = patients(400, np.random.default_rng(22))
    model = nn.Sequential(nn.Linear(200, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 2))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3 if sick else 3e-4, weight_decay=0 if sick else 1e-2)
    run.watch(model, optimizer, criterion)
    steps, epoch = 0, 0
    while steps < (300 if sick else 200):
        model.train()
        for idx in torch.randperm(n).split(20):
            loss = criterion(model(x[idx]), y[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            steps += 1
            run.log({"train/loss": loss.item()})
        model.eval()
        with torch.no_grad():
            logits = model(x_val)
        accuracy = (logits.argmax(1) == y_val).float().mean().item()
        run.log({"val/loss": criterion(logits, y_val).item(), "val/accuracy": accuracy})
        epoch += 1
    return accuracy


PROGRAM = Program(train, causes=("overfitting",), onset=60)
