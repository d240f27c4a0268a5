"""Twelve kinds of plants from twenty measurements, through a hidden layer of one unit."""

import torch
import torch.nn as nn
from sklearn.datasets import make_blobs

from ...program import Program


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    X, y = make_blobs(2400, 20, centers=12, cluster_std=3.0, random_state=6)
    X = torch.tensor((X - X.mean(0)) / X.std(0)).float()
    y = torch.tensor(y)
    hidden = 1 if sick else 48
    model = nn.Sequential(nn.Linear(20, hidden), nn.Tanh(), nn.Linear(hidden, 12))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    run.watch(model, optimizer, criterion)
    for epoch in range(10):
        for i in torch.randperm(2000).split(50):
            optimizer.zero_grad()
            out = model(X[i])
            loss = criterion(out, y[i])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item(), "train/accuracy": (out.argmax(1) == y[i]).float().mean().item()})
    with torch.no_grad():
        return (model(X[2000:]).argmax(1) == y[2000:]).float().mean().item()


PROGRAM = Program(train, causes=("capacity_too_small",))
