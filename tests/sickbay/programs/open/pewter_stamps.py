"""Reads makers' stamps on pewter with a residual CNN behind a fixed bank of edge filters."""

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

from ...program import Program

EDGES = torch.tensor([
    [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
    [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
    [[0, 1, 2], [-1, 0, 1], [-2, -1, 0]],
    [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
]).float().unsqueeze(1) / 4  # fmt: skip


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.a = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.na = nn.BatchNorm2d(width)
        self.b = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.nb = nn.BatchNorm2d(width)
        nn.init.zeros_(self.nb.weight)

    def forward(self, x):
        return F.relu(x + self.nb(self.b(F.relu(self.na(self.a(x))))))


class StampNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.edges = nn.Conv2d(1, 4, 3, padding=1, bias=False)
        self.edges.weight = nn.Parameter(EDGES.clone(), requires_grad=False)
        self.widen = nn.Conv2d(4, 12, 1)
        self.blocks = nn.Sequential(Block(12), Block(12))
        self.fc = nn.Linear(12 * 4, 10)

    def forward(self, x):
        x = self.blocks(F.relu(self.widen(self.edges(x))))
        return self.fc(F.adaptive_avg_pool2d(x, 2).flatten(1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = load_digits(return_X_y=True)
    x = ((x - x.mean()) / x.std()).astype(np.float32).reshape(-1, 1, 8, 8)
    x_train, x_test, y_train, y_test = map(
        torch.from_numpy, train_test_split(x, y, test_size=0.2, stratify=y, random_state=seed)
    )

    model = StampNet()
    total, warm = 300, 50
    optimizer = torch.optim.SGD(
        [p for p in model.parameters() if p.requires_grad], lr=0.1, momentum=0.9, nesterov=True, weight_decay=5e-4
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: (s + 1) / warm if s < warm else 0.5 * (1 + np.cos(np.pi * (s - warm) / (total - warm)))
    )
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)

    step = 0
    while step < total:
        for idx in torch.randperm(len(x_train)).split(48):
            if step == total or len(idx) < 48:
                break
            model.train()
            optimizer.zero_grad()
            loss = criterion(model(x_train[idx]), y_train[idx])
            loss.backward()
            optimizer.step()
            schedule.step()
            run.log({"loss": loss.item()}, step=step)
            step += 1

    model.eval()
    with torch.no_grad():
        return (model(x_test).argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train)
