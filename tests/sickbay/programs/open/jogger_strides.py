"""Walking, jogging, sprinting, stairs or standing: a 1-D convolution over three-axis accelerometer windows."""

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program

FREQ = [0.0, 1.6, 2.6, 3.4, 2.0]
AMP = [0.05, 0.7, 1.2, 1.6, 0.9]


def record(n, rng):
    y = rng.integers(0, 5, n)
    t = np.arange(64) / 25.0
    f = np.array(FREQ)[y] + rng.normal(0, 0.15, n)
    a = np.array(AMP)[y] * rng.uniform(0.7, 1.3, n)
    phase = rng.uniform(0, 2 * np.pi, (n, 3))
    tilt = rng.uniform(0.4, 1.0, (n, 3))
    wave = np.sin(2 * np.pi * f[:, None, None] * t + phase[:, :, None])
    x = a[:, None, None] * tilt[:, :, None] * wave + 0.4 * rng.normal(size=(n, 3, 64))
    return torch.tensor(x, dtype=torch.float32), torch.tensor(y)


class StrideNet(nn.Module):
    def __init__(self, n_classes=5):
        super().__init__()
        self.conv1 = nn.Conv1d(3, 24, 7, padding=3)
        self.conv2 = nn.Conv1d(24, 32, 5, padding=2)
        self.pool = nn.MaxPool1d(2)
        self.fc1 = nn.Linear(32 * 16, 64)
        self.fc2 = nn.Linear(64, n_classes)

    def forward(self, x):
        x = self.pool(torch.relu(self.conv1(x)))
        x = self.pool(torch.relu(self.conv2(x)))
        x = torch.relu(self.fc1(x.flatten(1)))
        return self.fc2(x)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    X_train, y_train = record(1600, rng)
    X_val, y_val = record(500, rng)
    mean, std = X_train.mean((0, 2), keepdim=True), X_train.std((0, 2), keepdim=True)
    X_train, X_val = (X_train - mean) / std, (X_val - mean) / std
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True)

    model = StrideNet()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
    run.watch(model, optimizer, criterion)

    accuracy = 0.0
    for epoch in range(8):
        model.train()
        for xb, yb in loader:
            if not sick:
                optimizer.zero_grad()
            out = model(xb)
            loss = criterion(out, yb)
            loss.backward()
            optimizer.step()
            run.log({"train/loss": loss.item()})
        model.eval()
        with torch.no_grad():
            out = model(X_val)
            accuracy = (out.argmax(1) == y_val).float().mean().item()
        run.log({"val/accuracy": accuracy, "epoch": epoch})
    return accuracy


PROGRAM = Program(train, causes=("missing_zero_grad",), by_definition=True)
