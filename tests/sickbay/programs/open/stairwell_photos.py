"""Stroke pictures from a stairwell wall: a residual network, first its head, then all of it, in micro-batches."""

import torch
from sklearn.datasets import load_digits
from torch import nn

from ...program import Program


class Residual(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(width, width, 3, padding=1), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = nn.Conv2d(width, width, 3, padding=1), nn.BatchNorm2d(width)
        nn.init.zeros_(self.bn2.weight)

    def forward(self, x):
        return torch.relu(x + self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x))))))


def backbone():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        Residual(16),
        Residual(16),
        nn.MaxPool2d(2),
        nn.Flatten(),
    )


def train(run, *, sick=False, seed):
    torch.manual_seed(seed)
    x, y = load_digits(return_X_y=True)
    order = torch.randperm(len(y))
    x = (torch.tensor(x, dtype=torch.float32).view(-1, 1, 8, 8)[order] - 4.9) / 6.0
    y = torch.tensor(y)[order]
    model = nn.Sequential(backbone(), nn.Linear(256, 10))
    for p in model[0].parameters():
        p.requires_grad_(False)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.02)
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    run.watch(model, optimizer, criterion)
    parts, step = 3, 0
    while step < 240:
        if step == 60:
            for p in model[0].parameters():
                p.requires_grad_(True)
        model.train()
        optimizer.zero_grad()
        total = 0.0
        for _ in range(parts):
            rows = torch.randint(0, 1400, (16,))
            loss = criterion(model(x[rows]), y[rows]) / parts
            loss.backward()
            total += loss.item()
        optimizer.step()
        step += 1
        run.log({"loss": total})
        if step % 30 == 0:
            model.eval()
            with torch.no_grad():
                out = model(x[1400:])
            run.log({"val/loss": criterion(out, y[1400:]).item()})
    return (out.argmax(1) == y[1400:]).float().mean().item()


PROGRAM = Program(train)
