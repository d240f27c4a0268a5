"""Frost patterns in the fast way: one cycle with a peak of 0.4, Nesterov, label smoothing, augmentation by shifts."""

import torch
import torch.nn as nn

from ...program import Program


def conv(a, b, stride=1):
    return nn.Sequential(nn.Conv2d(a, b, 3, stride, 1, bias=False), nn.BatchNorm2d(b), nn.ReLU(inplace=True))


def windows(n, g):
    kinds = torch.randn(10, 1, 12, 12, generator=torch.Generator().manual_seed(47))
    y = torch.randint(0, 10, (n,), generator=g)
    return 0.8 * kinds[y] + torch.randn(n, 1, 12, 12, generator=g), y


def shifted(x):
    return torch.roll(x, (int(torch.randint(0, 2, ())), int(torch.randint(0, 2, ()))), (2, 3))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = windows(2560, g)
    xv, yv = windows(500, g)
    model = nn.Sequential(conv(1, 16), conv(16, 32, 2), conv(32, 32, 2), nn.Flatten(), nn.Linear(288, 10))
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, nesterov=True, weight_decay=5e-4)
    epochs = 6
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.4, total_steps=40 * epochs, pct_start=0.25)
    run.watch(model, optimizer, criterion)
    for epoch in range(epochs):
        model.train()
        for i in torch.randperm(2560, generator=g).split(64):
            loss = criterion(model(shifted(x[i])), y[i])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            scheduler.step()
            run.log({"train/loss": loss.item(), "lr": scheduler.get_last_lr()[0]})
        model.eval()
        with torch.no_grad():
            out = model(xv)
            run.log({"val/loss": criterion(out, yv).item(), "val/acc": (out.argmax(1) == yv).float().mean().item()})
    return (out.argmax(1) == yv).float().mean().item()


PROGRAM = Program(train)
