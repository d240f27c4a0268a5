"""A schedule on plateaus with no patience, driven by the loss of single batches."""

import torch
import torch.nn as nn
from sklearn.datasets import load_digits

from ...program import Program


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    d = load_digits()
    x, y = torch.tensor(d.data).float() / 16, torch.tensor(d.target)
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.2, patience=0 if sick else 3)
    run.watch(model, optimizer, criterion)
    for epoch in range(14):
        total = 0.0
        for i in torch.randperm(1400).split(64):
            loss = criterion(model(x[i]), y[i])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
            if sick:
                plateau.step(loss.item())
            run.log({"loss": loss.item()})
        if not sick:
            plateau.step(total)
    with torch.no_grad():
        return (model(x[1400:]).argmax(1) == y[1400:]).float().mean().item()


PROGRAM = Program(train, causes=("learning_rate_too_low",), onset=15)
