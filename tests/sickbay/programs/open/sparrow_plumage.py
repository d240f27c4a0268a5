"""Ten fine plumages taught to a net that knows five coarse ones: body held, then freed; four small batches a step."""

import math

import torch
from torch import nn

from ...program import Program


def plumage(n, g):
    fine = torch.randint(0, 10, (n,), generator=g)
    yy, xx = torch.meshgrid(torch.arange(12.0), torch.arange(12.0), indexing="ij")
    angle = (fine % 5).view(-1, 1, 1) * math.pi / 5
    freq = torch.where(fine < 5, 0.9, 1.5).view(-1, 1, 1)
    phase = 2 * math.pi * torch.rand(n, 1, 1, generator=g)
    x = torch.sin(freq * (xx * torch.cos(angle) + yy * torch.sin(angle)) + phase)
    x = x + 0.6 * torch.randn(n, 12, 12, generator=g)
    return (x / x.std()).unsqueeze(1), fine


class Plumage(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, 24, 5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(24, 32, 3, padding=1),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
        )
        self.head = nn.Linear(32, classes)

    def forward(self, x):
        return self.head(self.body(x))


def pretrain(model, x, y):
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(6):
        for i in torch.randperm(len(x)).split(50):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x[i]), y[i]).backward()
            optimizer.step()


def train(run, *, sick=False, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x_old, fine_old = plumage(1500, g)
    model = Plumage(5)
    pretrain(model, x_old, fine_old % 5)

    x, y = plumage(2400, g)
    model.head = nn.Linear(32, 10)
    model.body.requires_grad_(False)
    optimizer = torch.optim.Adam(
        [
            {"params": model.head.parameters(), "lr": 5e-3},
            {"params": model.body.parameters(), "lr": 2e-3},
        ]
    )
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    accumulate, step = 4, 0
    for epoch in range(8):
        if epoch == 2:
            model.body.requires_grad_(True)
        for k, i in enumerate(torch.randperm(2000).split(10), start=1):
            loss = criterion(model(x[i]), y[i])
            (loss / accumulate).backward()
            if k % accumulate == 0:
                optimizer.step()
                optimizer.zero_grad()
                step += 1
                run.log({"loss": loss.item()}, step=step)
        with torch.no_grad():
            accuracy = (model(x[2000:]).argmax(1) == y[2000:]).float().mean().item()
        run.log({"val/acc": accuracy}, step=step)
    return accuracy


PROGRAM = Program(train)
