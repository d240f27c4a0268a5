"""Swallows counted at a bridge: Poisson loss on a logarithm of the rate, warm restarts that throw the loss back up."""

import torch
import torch.nn as nn

from ...program import Program


def evenings(n, g):
    x = torch.randn(n, 7, generator=g)
    rate = torch.exp(1.0 + 0.8 * torch.sin(1.5 * x[:, 0]) + 0.5 * torch.tanh(x[:, 1] * x[:, 2]))
    return x, torch.poisson(rate, generator=g), rate


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y, _ = evenings(5000, g)
    xv, yv, rate = evenings(600, g)
    model = nn.Sequential(nn.Linear(7, 64), nn.ELU(), nn.Linear(64, 64), nn.ELU(), nn.Linear(64, 1), nn.Flatten(0))
    criterion = nn.PoissonNLLLoss(log_input=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0=80, T_mult=2)
    run.watch(model, optimizer, criterion)
    for step in range(560):
        i = torch.randint(0, 5000, (64,), generator=g)
        loss = criterion(model(x[i]), y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        if step % 5 == 4:
            run.log({"train/loss": loss.item(), "lr": scheduler.get_last_lr()[0]})
        if step % 40 == 39:
            with torch.no_grad():
                run.log({"val/loss": criterion(model(xv), yv).item()})
    with torch.no_grad():
        return 1 - (model(xv).exp() - rate).pow(2).mean().item() / rate.var().item()


PROGRAM = Program(train)
