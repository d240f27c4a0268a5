"""Direction of a weathervane from a small picture: CNN with batch norm, SGD, one cycle up to a rate of 0.3."""

import math

import torch
import torch.nn as nn

from ...program import Program


def block(i, o):
    return nn.Sequential(nn.Conv2d(i, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU())


def vanes(n, g):
    sector = torch.randint(0, 8, (n,), generator=g)
    angle = (sector + 0.7 * (torch.rand(n, generator=g) - 0.5)) * math.pi / 4
    r, c = torch.meshgrid(torch.arange(12.0) - 5.5, torch.arange(12.0) - 5.5, indexing="ij")
    along = c * angle.cos()[:, None, None] + r * angle.sin()[:, None, None]
    across = c * angle.sin()[:, None, None] - r * angle.cos()[:, None, None]
    image = ((along > -1) & (across.abs() < 1.2)).float()
    return (2 * image - 0.4 + 1.3 * torch.randn(n, 12, 12, generator=g)).unsqueeze(1), sector


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = vanes(2400, g)
    x_val, y_val = vanes(400, g)
    model = nn.Sequential(
        block(1, 12), nn.MaxPool2d(2), block(12, 24), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(24 * 9, 8)
    )
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4)
    epochs, batch = 6, 48
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.3, total_steps=epochs * 50)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    for epoch in range(epochs):
        model.train()
        for i in torch.randperm(2400, generator=g).split(batch):
            loss = criterion(model(x[i]), y[i])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            run.log({"train/loss": loss.item(), "lr": schedule.get_last_lr()[0]})
        model.eval()
        with torch.no_grad():
            out = model(x_val)
            acc = (out.argmax(1) == y_val).float().mean().item()
        run.log({"val/loss": criterion(out, y_val).item(), "val/acc": acc})
    return acc


PROGRAM = Program(train)
