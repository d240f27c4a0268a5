"""The octane number of fuel mixtures from the shares of twelve components."""

import math

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def blend(seed, n=2200):
    rng = np.random.default_rng(seed)
    share = rng.dirichlet(np.ones(12), size=n)
    own = np.linspace(-2, 2, 12)
    y = share @ own + 6 * share[:, 0] * share[:, 5] - 5 * share[:, 3] * share[:, 9] + 0.05 * rng.normal(size=n)
    x = (share - share.mean(0)) / share.std(0)
    y = (y - y.mean()) / y.std()
    return torch.tensor(x).float(), torch.tensor(y).float()[:, None]


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = blend(seed)
    loader = DataLoader(TensorDataset(x[:1800], y[:1800]), batch_size=40, shuffle=True)
    net = nn.Sequential(nn.Linear(12, 64), nn.LeakyReLU(), nn.Linear(64, 64), nn.LeakyReLU(), nn.Linear(64, 1))
    lr = 0.5 if sick else 0.01
    opt = torch.optim.SGD(net.parameters(), lr=lr, momentum=0.9)
    crit = nn.MSELoss()
    run.watch(net, opt, crit)
    step = 0
    for epoch in range(12):
        for xb, yb in loader:
            opt.zero_grad()
            loss = crit(net(xb), yb)
            loss.backward()
            opt.step()
            run.log({"loss": loss.item(), "epoch": epoch}, step=step)
            step += 1
    with torch.no_grad():
        r2 = (1 - crit(net(x[1800:]), y[1800:]) / y[1800:].var()).item()
    return min(1.0, max(0.0, r2)) if math.isfinite(r2) else 0.0


PROGRAM = Program(train, causes=("learning_rate_too_high",))
