"""Batches of four, a triangular learning rate, group norm; the loss is very noisy and all is well."""

import torch
import torch.nn as nn
from sklearn.datasets import load_digits

from ...program import Program


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    d = load_digits()
    x, y = torch.tensor(d.images).float()[:, None] / 8 - 0.6, torch.tensor(d.target)
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.GroupNorm(4, 16), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.GroupNorm(4, 32), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(128, 10),
    )  # fmt: skip
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9)
    cycle = torch.optim.lr_scheduler.CyclicLR(optimizer, 5e-4, 1e-2, step_size_up=75)
    run.watch(model, optimizer, criterion)
    step = 0
    for i in torch.randperm(1500).split(4) + torch.randperm(1500).split(4):
        if step == 600:
            break
        optimizer.zero_grad()
        loss = criterion(model(x[i]), y[i])
        loss.backward()
        optimizer.step()
        cycle.step()
        step += 1
        run.log({"loss": loss.item()})
    with torch.no_grad():
        return (model(x[1500:]).argmax(1) == y[1500:]).float().mean().item()


PROGRAM = Program(train)
