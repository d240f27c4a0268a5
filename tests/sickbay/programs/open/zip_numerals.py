"""Digits by a three-layer network with weight decay, RMSprop and a step schedule."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.preprocessing import StandardScaler

from ...program import Program


class MLP(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(a, b) for a, b in zip(sizes[:-1], sizes[1:], strict=True)])

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = F.relu(layer(x))
        return self.layers[-1](x)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    X, y = load_digits(return_X_y=True)
    X = torch.tensor(StandardScaler().fit_transform(X), dtype=torch.float32)
    y = torch.tensor(y)
    perm = torch.randperm(len(X))
    X, y = X[perm], y[perm]
    model = MLP([64, 128, 64, 10])
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3, weight_decay=0.3 if sick else 1e-4)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=4, gamma=0.5)
    run.watch(model, optimizer, criterion)
    for epoch in range(12):
        for i in range(0, 1400, 28):
            if i == 0:
                shuffled = torch.randperm(1400)
            rows = shuffled[i : i + 28]
            optimizer.zero_grad()
            loss = criterion(model(X[rows]), y[rows])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item(), "lr": scheduler.get_last_lr()[0]})
        scheduler.step()
    with torch.no_grad():
        return (model(X[1400:]).argmax(1) == y[1400:]).float().mean().item()


PROGRAM = Program(train, causes=("over_regularised",))
