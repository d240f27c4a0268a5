"""Iris by full-batch gradient descent: every step sees the same 105 flowers, as many tutorials do."""

import torch
import torch.nn as nn
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split

from ...program import Program


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    X, y = load_iris(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=1, stratify=y)
    X_train, X_test = torch.FloatTensor(X_train), torch.FloatTensor(X_test)
    y_train, y_test = torch.LongTensor(y_train), torch.LongTensor(y_test)
    model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 12), nn.ReLU(), nn.Linear(12, 3))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    run.watch(model, optimizer, criterion)
    for epoch in range(300):
        optimizer.zero_grad()
        y_pred = model(X_train)
        loss = criterion(y_pred, y_train)
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
        if epoch % 10 == 0:
            with torch.no_grad():
                run.log({"val_loss": criterion(model(X_test), y_test).item()})
    with torch.no_grad():
        return (model(X_test).argmax(dim=1) == y_test).float().mean().item()


PROGRAM = Program(train)
