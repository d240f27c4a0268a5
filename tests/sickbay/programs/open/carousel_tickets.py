"""Tickets sold at a carousel per hour from weather and calendar: a regression network with a cosine schedule."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def hours(n, rng):
    hour, weekday = rng.integers(9, 21, n), rng.integers(0, 7, n)
    warmth, rain, wind = rng.normal(18, 6, n), rng.exponential(1.0, n), rng.gamma(2, 4, n)
    sold = 60 + 25 * np.sin((hour - 9) / 12 * np.pi) + 30 * (weekday >= 5) + 2 * warmth - 15 * np.minimum(rain, 3)
    sold += -0.8 * wind + rng.normal(0, 6, n)
    numbers = np.stack([hour, warmth, rain, wind], 1)
    numbers = (numbers - numbers.mean(0)) / numbers.std(0)
    table = np.concatenate([numbers, np.eye(7)[weekday]], 1)
    return table.astype(np.float32), ((sold - sold.mean()) / sold.std()).astype(np.float32)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    table, sold = map(torch.from_numpy, hours(3000, np.random.default_rng(seed)))
    loader = DataLoader(TensorDataset(table[:2500], sold[:2500]), batch_size=64, shuffle=True)
    net = nn.Sequential(nn.Linear(11, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU(), nn.Linear(64, 1), nn.Flatten(0))
    epochs = 12
    optimizer = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.01)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs * len(loader))
    criterion = nn.HuberLoss()
    run.watch(net, optimizer, criterion)
    for _ in range(epochs):
        net.train()
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(net(x), y)
            loss.backward()
            optimizer.step()
            scheduler.step()
            run.log({"loss": loss.item(), "lr": optimizer.param_groups[0]["lr"]})
        net.eval()
        with torch.no_grad():
            run.log({"val_loss": criterion(net(table[2500:]), sold[2500:]).item()})
    with torch.no_grad():
        return (1 - (net(table[2500:]) - sold[2500:]).pow(2).mean() / sold[2500:].var()).item()


PROGRAM = Program(train)
