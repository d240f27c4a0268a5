"""A linear support vector machine by stochastic subgradients, and a step size that shrinks."""

import torch
from sklearn.datasets import load_digits
from torch import nn

from ...program import Program


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    X, y = load_digits(return_X_y=True)
    order = torch.randperm(len(X), generator=g)
    X, y = ((torch.tensor(X).float() - 4.9) / 6)[order], torch.tensor(y)[order]
    svm = nn.Linear(64, 10)
    hinge = nn.MultiMarginLoss()
    optimizer = torch.optim.SGD(svm.parameters(), lr=0.5, weight_decay=1e-3)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda t: 1 / (1 + t / 50))
    run.watch(svm, optimizer, hinge)
    for t in range(500):
        i = torch.randint(1400, (32,), generator=g)
        loss = hinge(svm(X[i]), y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        run.log({"loss": loss.item()})
    return (svm(X[1400:]).argmax(1) == y[1400:]).float().mean().item()


PROGRAM = Program(train)
