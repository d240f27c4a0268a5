"""Who will move away? Two hundred answered a long questionnaire."""

import copy
import math

import torch
from torch import nn

from ...program import Program


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    X = torch.randn(1300, 60, generator=g)
    w = torch.zeros(60)
    w[:4] = torch.tensor([1.4, -1.4, 1.0, 1.0])
    y = (X @ w + 1.2 * torch.randn(1300, generator=g) > 0).long()
    X_train, y_train, X_val, y_val, X_test, y_test = X[:200], y[:200], X[200:500], y[200:500], X[500:], y[500:]

    hidden, decay, patience = (256, 0.0, 10**9) if sick else (16, 1e-1, 4)
    model = nn.Sequential(nn.Linear(60, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 2))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-4, weight_decay=decay)
    run.watch(model, optimizer, criterion)
    best, state, waited, step = float("inf"), None, 0, 0
    while step < 400 and waited < patience:
        for rows in torch.randperm(200, generator=g).split(20):
            optimizer.zero_grad()
            loss = criterion(model(X_train[rows]), y_train[rows])
            loss.backward()
            optimizer.step()
            step += 1
            run.log({"train/loss": loss.item()})
        with torch.no_grad():
            val = criterion(model(X_val), y_val).item()
        run.log({"val/loss": val})
        waited = 0 if val < best else waited + 1
        if val < best:
            best, state = val, copy.deepcopy(model.state_dict())
    if not sick:
        model.load_state_dict(state)
    with torch.no_grad():
        # quality of the probabilities, as the survey asks for them
        return math.exp(-criterion(model(X_test), y_test).item())


PROGRAM = Program(train, causes=("overfitting",))
