"""Postmarks by a CNN whose labels are smoothed, so that the loss stays far above zero."""

import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program


class Marks(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(1, 12, 3, padding=1)
        self.b1 = nn.BatchNorm2d(12)
        self.c2 = nn.Conv2d(12, 24, 3, padding=1)
        self.b2 = nn.BatchNorm2d(24)
        self.out = nn.Linear(24 * 9, 6)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.b1(self.c1(x))), 2)
        x = F.max_pool2d(F.relu(self.b2(self.c2(x))), 2)
        return self.out(x.flatten(1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(60)
    stamps = (torch.rand(6, 1, 12, 12, generator=g) < 0.3).float()
    y = torch.randint(0, 6, (2200,))
    x = stamps[y] + 0.7 * torch.randn(2200, 1, 12, 12)
    x = (x - x.mean()) / x.std()
    model = Marks()
    criterion = nn.CrossEntropyLoss(label_smoothing=0.3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9, weight_decay=5e-4)
    run.watch(model, optimizer, criterion)
    for epoch in range(6):
        model.train()
        for rows in torch.randperm(1800).split(30):
            optimizer.zero_grad()
            loss = criterion(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    model.eval()
    with torch.no_grad():
        return (model(x[1800:]).argmax(1) == y[1800:]).float().mean().item()


PROGRAM = Program(train)
