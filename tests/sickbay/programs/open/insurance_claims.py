"""Which of three kinds of claim is it? Two kinds are rare, and what is asked for is the mean recall."""

import torch
from torch import nn

from ...program import Program

SHARES = torch.tensor([0.96, 0.025, 0.015])


def claims(n, g):
    y = torch.multinomial(SHARES, n, replacement=True, generator=g)
    middle = 0.75 * torch.randn(3, 14, generator=torch.Generator().manual_seed(13))
    return middle[y] + torch.randn(n, 14, generator=g), y


def mean_recall(out, y):
    said = out.argmax(1)
    return sum((said[y == k] == k).float().mean().item() for k in range(3)) / 3


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = claims(4000, g)
    xv, yv = claims(3000, g)
    model = nn.Sequential(nn.Linear(14, 32), nn.ReLU(), nn.Linear(32, 3))
    weight = None if sick else 1 / (3 * SHARES)
    criterion = nn.CrossEntropyLoss(weight=weight)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(5):
        for i in torch.randperm(4000, generator=g).split(64):
            loss = criterion(model(x[i]), y[i])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            out = model(xv)
            run.log(
                {"val/loss": criterion(out, yv).item(), "val/accuracy": (out.argmax(1) == yv).float().mean().item()}
            )
    return mean_recall(out, yv)


PROGRAM = Program(train, causes=("class_imbalance",))
