"""Which of five departments must pack an order, from the few articles in it out of three hundred, by an MLP."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program

ARTICLES, DEPARTMENTS = 300, 5


def orders(rng, n):
    home = np.random.default_rng(12).integers(0, DEPARTMENTS, ARTICLES)
    popular = 1 / np.arange(1, ARTICLES + 1) ** 0.7
    popular /= popular.sum()
    x = np.zeros((n, ARTICLES), dtype=np.float32)
    y = np.zeros((n, DEPARTMENTS), dtype=np.float32)
    for i in range(n):
        chosen = rng.choice(ARTICLES, rng.integers(1, 7), replace=False, p=popular)
        x[i, chosen] = 1.0
        y[i, home[chosen]] = 1.0
    return torch.from_numpy(x), torch.from_numpy(y)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    x, y = orders(rng, 5000)
    x_test, y_test = orders(rng, 800)
    model = nn.Sequential(nn.Linear(ARTICLES, 128), nn.ReLU(), nn.Linear(128, DEPARTMENTS))
    optimizer = torch.optim.SGD(model.parameters(), lr=2e-3, momentum=0.9)
    run.watch(model, optimizer)
    for epoch in range(8):
        for idx in torch.randperm(5000).split(64):
            logits = model(x[idx])
            loss = F.binary_cross_entropy_with_logits(logits, y[idx], reduction="sum")
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        return ((model(x_test) > 0).float() == y_test).float().mean().item()


PROGRAM = Program(train)
