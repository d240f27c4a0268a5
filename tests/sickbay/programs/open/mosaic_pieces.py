"""Pieces of a mosaic given to their pictures, by a network of three layers."""

import torch
from sklearn.datasets import make_blobs
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingLR

from ...program import Program


def constant_init(m):
    if isinstance(m, nn.Linear):
        nn.init.constant_(m.weight, 0.05)
        nn.init.zeros_(m.bias)


def he_init(m):
    if isinstance(m, nn.Linear):
        nn.init.kaiming_normal_(m.weight)
        nn.init.zeros_(m.bias)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    X, y = make_blobs(3000, 10, centers=16, cluster_std=2.0, random_state=seed + 4)
    X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
    y = torch.tensor(y % 8)
    model = nn.Sequential(nn.Linear(10, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 8))
    model.apply(constant_init if sick else he_init)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    epochs = 10
    scheduler = CosineAnnealingLR(optimizer, T_max=epochs)
    run.watch(model, optimizer, criterion)
    step = 0
    for epoch in range(epochs):
        for rows in torch.randperm(2500).split(50):
            optimizer.zero_grad()
            loss = criterion(model(X[rows]), y[rows])
            loss.backward()
            optimizer.step()
            step += 1
            run.log({"loss": loss.item()}, step=step)
        scheduler.step()
    with torch.no_grad():
        return (model(X[2500:]).argmax(1) == y[2500:]).float().mean().item()


PROGRAM = Program(train, causes=("bad_initialisation",), by_definition=True)
