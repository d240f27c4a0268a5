"""A net that knows eight kinds of ships learns three new ones: body frozen, its end at a small rate."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program


def photos(kinds, n, g, base):
    y = torch.randint(0, kinds, (n,), generator=g)
    return 0.5 * base[y] + 0.7 * torch.randn(n, 1, 10, 10, generator=g), y


def body():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3), nn.BatchNorm2d(16), nn.ReLU(),
        nn.Conv2d(16, 32, 3, stride=2), nn.BatchNorm2d(32), nn.ReLU(),
        nn.Flatten(), nn.Linear(288, 64), nn.ReLU(),
    )  # fmt: skip


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    base = torch.randn(11, 1, 10, 10, generator=torch.Generator().manual_seed(41))
    model = nn.Sequential(body(), nn.Linear(64, 8))
    pretraining = torch.optim.Adam(model.parameters(), lr=2e-3)
    x, y = photos(8, 2000, g, base[:8])
    for i in torch.randperm(2000).repeat(3).split(50):
        pretraining.zero_grad()
        F.cross_entropy(model(x[i]), y[i]).backward()
        pretraining.step()

    x, y = photos(3, 300, g, base[8:])
    xv, yv = photos(3, 400, g, base[8:])
    model[1] = nn.Linear(64, 3)
    for p in model[0].parameters():
        p.requires_grad = False
    for p in model[0][7].parameters():
        p.requires_grad = True
    optimizer = torch.optim.AdamW(
        [{"params": model[1].parameters(), "lr": 3e-3}, {"params": model[0][7].parameters(), "lr": 1e-4}]
    )
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    for epoch in range(16):
        model.train()
        model[0].eval()
        for i in torch.randperm(300).split(25):
            loss = criterion(model(x[i]), y[i])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        model.eval()
        with torch.no_grad():
            out = model(xv)
            run.log({"val/loss": criterion(out, yv).item(), "val/acc": (out.argmax(1) == yv).float().mean().item()})
    return (out.argmax(1) == yv).float().mean().item()


PROGRAM = Program(train)
