"""Cars an hour at a toll gate: one-hot hour, weekday and gate go in, a Poisson rate comes out."""

import math

import torch
from torch import nn
from torch.nn.functional import one_hot

from ...program import Program


def hours(n):
    hour = torch.randint(0, 24, (n,))
    day = torch.randint(0, 7, (n,))
    gate = torch.randint(0, 8, (n,))
    rush = torch.exp(-((hour - 8.0) ** 2) / 6) + 1.2 * torch.exp(-((hour - 17.0) ** 2) / 8)
    log_rate = 0.6 + 1.6 * rush * (day < 5) + 0.7 * torch.sin(math.pi * hour / 24) + 0.25 * torch.cos(gate * 1.7)
    x = torch.cat([one_hot(hour, 24), one_hot(day, 7), one_hot(gate, 8)], dim=1).float()
    return x, torch.poisson(log_rate.exp()), log_rate


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, counts, _ = hours(8000)
    x_val, counts_val, rate_val = hours(2000)

    model = nn.Sequential(
        nn.Linear(39, 64),
        nn.LeakyReLU(0.1),
        nn.Linear(64, 32),
        nn.LeakyReLU(0.1),
        nn.Linear(32, 1),
    )
    nn.init.constant_(model[-1].bias, counts.mean().log().item())
    criterion = nn.PoissonNLLLoss(log_input=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=3, gamma=0.3)
    run.watch(model, optimizer, criterion)

    for epoch in range(7):
        for idx in torch.randperm(8000).split(100):
            optimizer.zero_grad()
            loss = criterion(model(x[idx])[:, 0], counts[idx])
            loss.backward()
            optimizer.step()
            run.log({"nll": loss.item()})
        scheduler.step()
        with torch.no_grad():
            run.log({"val_nll": criterion(model(x_val)[:, 0], counts_val).item()})
    with torch.no_grad():
        miss = (model(x_val)[:, 0] - rate_val).pow(2).mean() / rate_val.var()
    return max(0.0, 1 - miss.item())


PROGRAM = Program(train)
