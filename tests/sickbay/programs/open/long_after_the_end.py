"""A logistic regression that has converged and is left running over lunch."""

import numpy as np
import torch
from sklearn.datasets import make_blobs
from torch import nn

from ...program import Program


def train(run, *, sick, seed):
    X, y = make_blobs(1500, 6, centers=3, cluster_std=4.5, random_state=seed)
    X = (X - X.mean(0)) / X.std(0)
    X, y = torch.tensor(X).float(), torch.tensor(y)
    model = nn.Linear(6, 3)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.2, weight_decay=1e-3)
    run.watch(model, optimizer, criterion)
    rng = np.random.default_rng(seed)
    for epoch in range(60):
        order = torch.as_tensor(rng.permutation(1200))
        for i in order.split(120):
            loss = criterion(model(X[i]), y[i])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss})
        with torch.no_grad():
            run.log({"val_loss": criterion(model(X[1200:]), y[1200:])})
    return (model(X[1200:]).argmax(1) == y[1200:]).float().mean().item()


PROGRAM = Program(train)
