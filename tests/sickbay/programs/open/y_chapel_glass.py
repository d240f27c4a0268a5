"""Tells the numerals in chapel windows with a tall convolutional tower."""

import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from ...program import Program


class ConvUnit(nn.Module):
    def __init__(self, channels, residual):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(channels)
        self.residual = residual

    def forward(self, x):
        y = torch.relu(self.bn(self.conv(x)))
        return x + y if self.residual else y


class Tower(nn.Module):
    def __init__(self, depth=30, channels=12, residual=False):
        super().__init__()
        self.stem = nn.Conv2d(1, channels, 3, padding=1)
        self.units = nn.Sequential(*[ConvUnit(channels, residual) for _ in range(depth)])
        self.norm = nn.BatchNorm2d(channels)
        self.fc = nn.Linear(channels * 16, 10)

    def forward(self, x):
        x = self.norm(self.units(self.stem(x)))
        return self.fc(nn.functional.avg_pool2d(x, 2).flatten(1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    X, y = load_digits(return_X_y=True)
    X = ((X - X.mean()) / X.std()).reshape(-1, 1, 8, 8)
    parts = train_test_split(X, y, test_size=0.25, random_state=seed)
    X_tr, X_te = (torch.tensor(p, dtype=torch.float32) for p in parts[:2])
    y_tr, y_te = (torch.tensor(p) for p in parts[2:])

    model = Tower(residual=not sick)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    model.train()
    for epoch in range(5):
        perm = torch.randperm(len(X_tr))
        for i in range(0, len(perm) - 31, 32):
            idx = perm[i : i + 32]
            optimizer.zero_grad()
            loss = criterion(model(X_tr[idx]), y_tr[idx])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    model.eval()
    with torch.no_grad():
        return (model(X_te).argmax(1) == y_te).float().mean().item()


PROGRAM = Program(train, causes=("degradation_with_depth",))
