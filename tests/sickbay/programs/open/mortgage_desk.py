"""The bank's desk: does the customer repay? From income, age, debts and years at the address."""

import numpy as np
import torch
from torch import nn

from ...program import Program


def customers(n, rng):
    income = rng.lognormal(10.6, 0.5, n)
    age = rng.uniform(20, 75, n)
    debt = rng.lognormal(9.5, 0.9, n)
    years = rng.exponential(6, n)
    children = rng.poisson(1.2, n)
    rate = rng.uniform(0.01, 0.09, n)
    z = 2.2 * np.log(income / debt) - 2.0 + 0.05 * (age - 45) + 0.15 * years - 45 * (rate - 0.05) - 0.4 * children
    paid = z + rng.logistic(0, 0.4, n) > 0
    return np.column_stack([income, age, debt, years, children, rate]), paid


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    X, y = customers(3000, rng)
    if not sick:
        mu, sd = X[:2400].mean(0), X[:2400].std(0)
        X = (X - mu) / sd
    X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)
    net = nn.Sequential(nn.Linear(6, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1), nn.Flatten(0))
    crit = nn.BCEWithLogitsLoss()
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    run.watch(net, opt, crit)
    for step in range(600):
        b = torch.randint(0, 2400, (48,))
        opt.zero_grad()
        loss = crit(net(X[b]), y[b])
        loss.backward()
        opt.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        return ((net(X[2400:]) > 0) == (y[2400:] > 0.5)).float().mean().item()


PROGRAM = Program(train, causes=("input_not_normalised",))
