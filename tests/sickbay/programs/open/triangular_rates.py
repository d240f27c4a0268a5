"""Cyclic learning rates after Smith, on forest-cover-like classes."""

import torch
from sklearn.datasets import make_classification
from torch import nn

from ...program import Program


def train(run, *, sick, seed):
    X, y = make_classification(4000, 20, n_informative=12, n_classes=5, class_sep=1.2, random_state=seed)
    X, y = torch.tensor(X).float(), torch.tensor(y)
    X = (X - X.mean(0)) / X.std(0)
    net = nn.Sequential(
        nn.Linear(20, 160), nn.BatchNorm1d(160), nn.ReLU(), nn.Linear(160, 64), nn.ReLU(), nn.Linear(64, 5)
    )
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.005, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.CyclicLR(optimizer, 0.005, 0.1, step_size_up=50, mode="triangular2")
    run.watch(net, optimizer, criterion)
    g = torch.Generator().manual_seed(seed)
    for step in range(500):
        i = torch.randint(3200, (64,), generator=g)
        loss = criterion(net(X[i]), y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        run.log({"loss": loss, "lr": scheduler.get_last_lr()[0]})
    net.eval()
    return (net(X[3200:]).argmax(1) == y[3200:]).float().mean().item()


PROGRAM = Program(train)
