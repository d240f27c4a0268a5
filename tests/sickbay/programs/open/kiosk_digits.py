"""Digits on a kiosk's small processor: as few units as possible."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

from ...program import Program


def train(run, *, sick, seed):
    X, y = load_digits(return_X_y=True)
    torch.manual_seed(seed)
    perm = torch.randperm(len(X))
    X, y = (torch.tensor(X).float()[perm] - 4.9) / 6, torch.tensor(y)[perm]
    width = 1 if sick else 40
    net = nn.Sequential(nn.Linear(64, width), nn.Tanh(), nn.Linear(width, 10), nn.LogSoftmax(dim=-1))
    criterion = nn.NLLLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
    run.watch(net, optimizer, criterion)
    for step in range(400):
        rows = torch.randint(0, 1400, (64,))
        optimizer.zero_grad()
        loss = criterion(net(X[rows]), y[rows])
        loss.backward()
        optimizer.step()
        if step % 2 == 0:
            run.log({"loss": loss.item()})
        if step % 40 == 39:
            with torch.no_grad():
                run.log({"val_loss": F.nll_loss(net(X[1400:]), y[1400:]).item()})
    return (net(X[1400:]).argmax(1) == y[1400:]).float().mean().item()


PROGRAM = Program(train, causes=("capacity_too_small",))
