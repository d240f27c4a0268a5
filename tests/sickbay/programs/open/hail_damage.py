"""Hail damage of cars from sixty marks. Dropout of six tenths, so that training looks worse than test."""

import torch
import torch.nn as nn

from ...program import Program


def cars(n, g):
    x = torch.randn(n, 60, generator=g)
    w = torch.randn(60, 3, generator=torch.Generator().manual_seed(61)) / 5
    return x, (x @ w + 0.25 * torch.randn(n, 3, generator=g)).argmax(1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = cars(4000, g)
    xv, yv = cars(600, g)
    model = nn.Sequential(
        nn.Linear(60, 256),
        nn.ReLU(),
        nn.Dropout(0.6),
        nn.Linear(256, 256),
        nn.ReLU(),
        nn.Dropout(0.6),
        nn.Linear(256, 3),
    )
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(6):
        model.train()
        for step, i in enumerate(torch.randperm(4000, generator=g).split(64)):
            out = model(x[i])
            loss = criterion(out, y[i])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if step % 5 == 0:
                run.log({"loss": loss.item(), "accuracy": (out.argmax(1) == y[i]).float().mean().item()})
        model.eval()
        with torch.no_grad():
            out = model(xv)
            run.log(
                {"val_loss": criterion(out, yv).item(), "val_accuracy": (out.argmax(1) == yv).float().mean().item()}
            )
    return (out.argmax(1) == yv).float().mean().item()


PROGRAM = Program(train)
