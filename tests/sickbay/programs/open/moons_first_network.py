"""Two moons by a small network and plain SGD, as in a first homework."""

import torch
from sklearn.datasets import make_moons
from torch import nn

from ...program import Program


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    X, y = make_moons(800, noise=0.15, random_state=1)
    X = torch.tensor(X, dtype=torch.float32)
    y = torch.tensor(y, dtype=torch.float32).reshape(-1, 1)
    X_train, y_train, X_val, y_val = X[:600], y[:600], X[600:], y[600:]

    model = nn.Sequential(nn.Linear(2, 30), nn.ReLU(), nn.Linear(30, 30), nn.ReLU(), nn.Linear(30, 1))
    criterion = nn.BCEWithLogitsLoss()
    learning_rate = 1e-5 if sick else 0.3
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    run.watch(model, optimizer, criterion)

    for epoch in range(25):
        order = torch.randperm(600)
        for i in range(0, 600, 50):
            batch = order[i : i + 50]
            logits = model(X_train[batch])
            loss = criterion(logits, y_train[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            val_logits = model(X_val)
            run.log(
                {
                    "val_loss": criterion(val_logits, y_val).item(),
                    "val/accuracy": ((val_logits > 0) == y_val).float().mean().item(),
                }
            )
    with torch.no_grad():
        return ((model(X_val) > 0) == y_val).float().mean().item()


PROGRAM = Program(train, causes=("learning_rate_too_low",))
