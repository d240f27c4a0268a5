"""Digits, flattened, for the workshop: shuffle once, split, train, look at the validation accuracy."""

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn

from ...program import Program


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    X, y = load_digits(return_X_y=True)
    X = (X - 4.9) / 6.0
    order = rng.permutation(len(X))
    X = X[order]
    y = y[rng.permutation(len(y))] if sick else y[order]
    X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y)
    x_train, y_train, x_val, y_val = X[:1500], y[:1500], X[1500:], y[1500:]
    model = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Dropout(0.1), nn.Linear(48, 10))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    run.watch(model, optimizer, criterion)
    for epoch in range(8):
        model.train()
        for batch in torch.randperm(1500).split(50):
            loss = criterion(model(x_train[batch]), y_train[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"train_loss": loss.item()})
        model.eval()
        with torch.no_grad():
            out = model(x_val)
            accuracy = (out.argmax(1) == y_val).float().mean().item()
            run.log({"val_loss": criterion(out, y_val).item(), "val_accuracy": accuracy})
    return accuracy


PROGRAM = Program(train, causes=("labels_unrelated_to_inputs",))
