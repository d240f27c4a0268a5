"""Dropout and batch norm, but model.eval() stands nowhere; validation in batches of two."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

from ...program import Program


class DropNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(64, 100)
        self.bn1 = nn.BatchNorm1d(100)
        self.fc2 = nn.Linear(100, 100)
        self.drop = nn.Dropout(0.6)
        self.fc3 = nn.Linear(100, 10)

    def forward(self, x):
        x = self.drop(F.relu(self.bn1(self.fc1(x))))
        return self.fc3(self.drop(F.relu(self.fc2(x))))


def evaluate(model, x, y, criterion, sick):
    if not sick:
        model.eval()
    losses, hits = [], 0
    with torch.no_grad():
        for xb, yb in zip(x.split(2), y.split(2)):
            out = model(xb)
            losses.append(criterion(out, yb).item())
            hits += (out.argmax(1) == yb).sum().item()
    model.train()
    return sum(losses) / len(losses), hits / len(y)


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    d = load_digits()
    x, y = torch.tensor(d.data).float() / 16, torch.tensor(d.target)
    model = DropNet()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(9):
        for i in torch.randperm(1500).split(50):
            optimizer.zero_grad()
            loss = criterion(model(x[i]), y[i])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        val_loss, accuracy = evaluate(model, x[1500:1700], y[1500:1700], criterion, sick)
        run.log({"val_loss": val_loss, "val/accuracy": accuracy})
    return accuracy


PROGRAM = Program(train, causes=("train_eval_mode",), by_definition=True, onset=29)
