"""Bees at the hive's entrance from the weather: little signal, much noise, eight rows a step."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    weather = rng.normal(size=(4800, 5))
    bees = 0.7 * weather[:, 0] - 0.5 * weather[:, 1] * (weather[:, 2] > 0) + 0.3 * weather[:, 3]
    bees = bees + 1.1 * rng.standard_t(6, size=4800)
    x = torch.tensor(weather, dtype=torch.float32)
    y = torch.tensor((bees - bees.mean()) / bees.std(), dtype=torch.float32).unsqueeze(1)
    loader = DataLoader(TensorDataset(x[:4000], y[:4000]), batch_size=8, shuffle=True)
    net = nn.Sequential(nn.Linear(5, 24), nn.ELU(), nn.Linear(24, 1))
    criterion = nn.MSELoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.5)
    run.watch(net, optimizer, criterion)
    step = 0
    while step < 800:
        for xb, yb in loader:
            loss = criterion(net(xb), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()}, step=step)
            step += 1
            if step == 800:
                break
    with torch.no_grad():
        return float((1 - criterion(net(x[4000:]), y[4000:]) / y[4000:].var()).clamp(0, 1))


PROGRAM = Program(train)
