"""Which of five faults a sanding machine leaves in parquet, from a line of its surface, with a small 1-D CNN."""

import numpy as np
import torch
import torch.nn as nn
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def surface_lines(rng, n, length=60):
    fault = rng.integers(0, 5, n)
    t = np.arange(length)
    lines = rng.normal(0, 0.6, (n, length))
    for row, kind in enumerate(fault):
        at = rng.integers(12, 48)
        if kind == 1:
            lines[row] += 1.2 * np.sin(2 * np.pi * t / 8 + rng.uniform(0, 6))
        elif kind == 2:
            lines[row, at:] += 1.5
        elif kind == 3:
            lines[row, at - 2 : at + 3] -= 3
        elif kind == 4:
            lines[row] += 1.2 * np.sin(2 * np.pi * t / 20 + rng.uniform(0, 6))
    return lines[:, None].astype(np.float32), fault


class SurfaceCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv1d(1, 16, 7, padding=3, bias=False),
            nn.BatchNorm1d(16),
            nn.ReLU(),
            nn.MaxPool1d(2),
            nn.Conv1d(16, 32, 5, padding=2, bias=False),
            nn.BatchNorm1d(32),
            nn.ReLU(),
            nn.AdaptiveMaxPool1d(3),
        )
        self.head = nn.Sequential(nn.Flatten(), nn.Dropout(0.3), nn.Linear(96, 5))

    def forward(self, line):
        return self.head(self.body(line))


def train(run, *, sick=False, seed=0):
    torch.manual_seed(seed)
    x, y = surface_lines(np.random.default_rng(seed), 3000)
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.2, random_state=seed, stratify=y)
    mean, std = x_train.mean(), x_train.std()
    x_train, x_test = (x_train - mean) / std, (x_test - mean) / std
    loader = DataLoader(
        TensorDataset(torch.from_numpy(x_train), torch.from_numpy(y_train)), batch_size=48, shuffle=True, drop_last=True
    )
    model = SurfaceCNN()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=3, gamma=0.3)
    run.watch(model, optimizer, criterion)
    x_test, y_test = torch.from_numpy(x_test), torch.from_numpy(y_test)
    accuracy = 0.0
    for epoch in range(8):
        model.train()
        for lines, faults in loader:
            optimizer.zero_grad()
            loss = criterion(model(lines), faults)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        scheduler.step()
        model.eval()
        with torch.no_grad():
            logits = model(x_test)
        accuracy = (logits.argmax(1) == y_test).float().mean().item()
        run.log({"val_loss": criterion(logits, y_test).item(), "val_accuracy": accuracy})
    return accuracy


PROGRAM = Program(train)
