"""Four small batches make one step; clipping to norm 1, one-cycle schedule."""

import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


class ResidualBlock(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.conv1 = nn.Conv2d(c, c, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(c)
        self.conv2 = nn.Conv2d(c, c, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(c)
        nn.init.zeros_(self.bn2.weight)

    def forward(self, x):
        out = torch.relu(self.bn1(self.conv1(x)))
        return torch.relu(x + self.bn2(self.conv2(out)))


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    d = load_digits()
    x, y = torch.tensor(d.images).float()[:, None] / 16, torch.tensor(d.target)
    loader = DataLoader(TensorDataset(x[:1500], y[:1500]), batch_size=16, shuffle=True, drop_last=True)
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), ResidualBlock(16), nn.MaxPool2d(2), ResidualBlock(16),
        nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(64, 10),
    )  # fmt: skip
    accumulation_steps, epochs = 4, 8
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4, nesterov=True)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, 0.2, total_steps=epochs * len(loader) // accumulation_steps + 1
    )
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    optimizer.zero_grad()
    running, seen = 0.0, 0
    for epoch in range(epochs):
        for images, labels in loader:
            loss = criterion(model(images), labels) / accumulation_steps
            loss.backward()
            running += loss.item()
            seen += 1
            if seen % accumulation_steps == 0:
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()
                scheduler.step()
                optimizer.zero_grad()
                run.log({"loss": running})
                running = 0.0
    model.eval()
    with torch.no_grad():
        return (model(x[1500:]).argmax(1) == y[1500:]).float().mean().item()


PROGRAM = Program(train)
