"""Points on three arms of a helix seen from above, sorted by a three-layer network."""

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


class ArmNet(nn.Module):
    def __init__(self, activation):
        super().__init__()
        self.fc1 = nn.Linear(2, 64)
        self.fc2 = nn.Linear(64, 64)
        self.fc3 = nn.Linear(64, 3)
        self.act = activation

    def forward(self, x):
        x = self.fc1(x)
        if self.act is not None:
            x = self.act(x)
        x = self.fc2(x)
        if self.act is not None:
            x = self.act(x)
        return self.fc3(x)


def arms(rng, n):
    arm = rng.integers(0, 3, n)
    r = rng.uniform(0.15, 1, n)
    theta = 4.5 * r + arm * 2 * np.pi / 3 + 0.15 * rng.normal(size=n)
    points = np.stack([r * np.cos(theta), r * np.sin(theta)], 1) / 0.45
    return torch.tensor(points, dtype=torch.float32), torch.tensor(arm)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    train_loader = DataLoader(TensorDataset(*arms(rng, 1500)), batch_size=30, shuffle=True)
    x_val, y_val = arms(rng, 600)
    net = ArmNet(None if sick else nn.ReLU())
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
    run.watch(net, optimizer, criterion)
    for epoch in range(14):
        for points, arm in train_loader:
            optimizer.zero_grad(set_to_none=True)
            loss = criterion(net(points), arm)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            logits = net(x_val)
            accuracy = (logits.argmax(1) == y_val).float().mean().item()
        run.log({"val_loss": criterion(logits, y_val).item(), "val_accuracy": accuracy})
    return accuracy


PROGRAM = Program(train, causes=("missing_nonlinearity",), by_definition=True)
