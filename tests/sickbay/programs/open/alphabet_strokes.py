"""Twenty letters from thirty strokes. How wide the hidden layer is came out of a table for a smaller problem."""

import torch
from torch import nn

from ...program import Program


def strokes(n, g):
    letters = torch.randn(20, 30, generator=torch.Generator().manual_seed(17))
    y = torch.randint(0, 20, (n,), generator=g)
    return letters[y] * 0.8 + 0.6 * torch.randn(n, 30, generator=g), y


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = strokes(4000, g)
    xv, yv = strokes(600, g)
    width = 2 if sick else 64
    model = nn.Sequential(nn.Linear(30, width), nn.Tanh(), nn.Linear(width, 20))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    run.watch(model, optimizer, criterion)
    for epoch in range(8):
        for i in torch.randperm(4000, generator=g).split(64):
            optimizer.zero_grad()
            loss = criterion(model(x[i]), y[i])
            loss.backward()
            optimizer.step()
            run.log({"train/loss": loss.item()})
        with torch.no_grad():
            out = model(xv)
            run.log({"val/loss": criterion(out, yv).item()})
    return (out.argmax(1) == yv).float().mean().item()


PROGRAM = Program(train, causes=("capacity_too_small",))
