"""Digits with Adam; the weight decay of another project's SGD."""

import torch
from sklearn.datasets import load_digits
from torch import nn

from ...program import Program


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    d = load_digits()
    x, y = torch.tensor(d.data).float() / 16 - 0.3, torch.tensor(d.target)
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=40.0 if sick else 1e-2)
    run.watch(model, optimizer, criterion)
    model.train()
    for it in range(400):
        i = torch.randint(0, 1500, (64,))
        pred = model(x[i])
        loss = criterion(pred, y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if it % 10 == 0:
            run.log({"loss": loss.item(), "train/accuracy": (pred.argmax(1) == y[i]).float().mean().item()})
    with torch.no_grad():
        return (model(x[1500:]).argmax(1) == y[1500:]).float().mean().item()


PROGRAM = Program(train, causes=("over_regularised",))
