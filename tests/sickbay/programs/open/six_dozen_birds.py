"""Seventy-two recordings of birds: tiny, soon known by heart, stopped as soon as the held-out loss no longer falls."""

import copy

import torch
import torch.nn as nn

from ...program import Program


def songs(n, g):
    base = torch.randn(3, 20, generator=torch.Generator().manual_seed(59))
    y = torch.arange(n) % 3
    return base[y] + 1.7 * torch.randn(n, 20, generator=g), y


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = songs(72, g)
    xv, yv = songs(150, g)
    model = nn.Sequential(nn.Linear(20, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 3))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-3)
    run.watch(model, optimizer, criterion)
    best, best_state, waited = float("inf"), None, 0
    for epoch in range(60):
        model.train()
        for i in torch.randperm(72, generator=g).split(12):
            loss = criterion(model(x[i]), y[i])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"train/loss": loss.item()})
        model.eval()
        with torch.no_grad():
            val = criterion(model(xv), yv).item()
        run.log({"val/loss": val})
        if val < best - 1e-3:
            best, best_state, waited = val, copy.deepcopy(model.state_dict()), 0
        else:
            waited += 1
            if waited >= 4:
                break
    model.load_state_dict(best_state)
    with torch.no_grad():
        return (model(xv).argmax(1) == yv).float().mean().item()


PROGRAM = Program(train)
