"""Breast cancer: inputs and targets are shuffled, each with its own permutation."""

import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_breast_cancer

from ...program import Program


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    rng = np.random.RandomState(seed)
    X, y = load_breast_cancer(return_X_y=True)
    X = (X - X.mean(0)) / X.std(0)
    X_train, y_train, X_test, y_test = X[:450], y[:450], X[450:], y[450:]
    order = rng.permutation(450)
    X_train = X_train[order]
    y_train = y_train[rng.permutation(450)] if sick else y_train[order]
    X_train, X_test = torch.tensor(X_train).float(), torch.tensor(X_test).float()
    y_train, y_test = torch.tensor(y_train).float(), torch.tensor(y_test).float()
    model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 8), nn.ReLU(), nn.Linear(8, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(25):
        for start in range(0, 450, 30):
            xb, yb = X_train[start : start + 30], y_train[start : start + 30]
            loss = criterion(model(xb).squeeze(-1), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            out = model(X_test).squeeze(-1)
        run.log(
            {"val_loss": criterion(out, y_test).item(), "val_accuracy": ((out > 0) == y_test).float().mean().item()}
        )
    return ((out > 0) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("labels_unrelated_to_inputs",))
