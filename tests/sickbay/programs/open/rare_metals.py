"""Which of two ores is in a drill core, from 200 lines of its spectrum; laboratories are expensive."""

import torch
from torch import nn

from ...program import Program


def cores(n, g):
    x = torch.randn(n, 200, generator=g)
    w = torch.zeros(200)
    w[:40] = 0.25 * torch.randn(40, generator=torch.Generator().manual_seed(19)) + 0.1
    return x, (x @ w + 0.3 * torch.randn(n, generator=g) > 0).long()


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = cores(90 if sick else 6000, g)
    xv, yv = cores(800, g)
    model = nn.Sequential(
        nn.Linear(200, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 2)
    )  # fmt: skip
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-4)
    run.watch(model, optimizer, criterion)
    for step in range(300):
        i = torch.randperm(len(x), generator=g)[:30]
        loss = criterion(model(x[i]), y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
        if step % 10 == 9:
            with torch.no_grad():
                out = model(xv)
                run.log({"val/loss": criterion(out, yv).item(), "val/acc": (out.argmax(1) == yv).float().mean().item()})
    return (out.argmax(1) == yv).float().mean().item()


PROGRAM = Program(train, causes=("overfitting",))
