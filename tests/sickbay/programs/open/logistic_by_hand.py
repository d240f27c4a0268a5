"""Breast cancer with the cross-entropy written by hand."""

import torch
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from torch import nn

from ...program import Program


def bce(p, y):
    return -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()


def safe_bce(p, y, eps=1e-6):
    p = p.clamp(eps, 1 - eps)
    return -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1 = nn.Linear(30, 64)
        self.l2 = nn.Linear(64, 64)
        self.l3 = nn.Linear(64, 1)

    def forward(self, x):
        x = torch.relu(self.l1(x))
        x = torch.relu(self.l2(x))
        return torch.sigmoid(self.l3(x)).squeeze(-1)


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    X, y = load_breast_cancer(return_X_y=True)
    X = (X - X.mean(0)) / X.std(0)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=0)
    X_train, X_test, y_train, y_test = (
        torch.tensor(a, dtype=torch.float32) for a in (X_train, X_test, y_train, y_test)
    )
    model = Classifier()
    opt = torch.optim.Adam(model.parameters(), lr=0.01)
    loss_fn = bce if sick else safe_bce
    run.watch(model, opt)
    for epoch in range(30):
        perm = torch.randperm(len(X_train))
        for i in range(0, len(perm), 32):
            xb, yb = X_train[perm[i : i + 32]], y_train[perm[i : i + 32]]
            opt.zero_grad()
            loss = loss_fn(model(xb), yb)
            loss.backward()
            opt.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        return ((model(X_test) > 0.5).float() == y_test).float().mean().item()


PROGRAM = Program(train, causes=("unstable_loss",), onset=12)
