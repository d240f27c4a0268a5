"""Whether a member of the gym comes back next week: cross-entropy written out by hand."""

import torch
from torch import nn

from ...program import Program


def members(n, weights):
    x = torch.randn(n, 10)
    score = x @ weights
    return x, (score > 0).float()


def binary_loss(p, y, eps):
    if eps:
        p = p.clamp(eps, 1 - eps)
    return -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    weights = torch.randn(10)
    x, y = members(3000, weights)
    x_test, y_test = members(800, weights)
    net = nn.Sequential(nn.Linear(10, 160), nn.ReLU(), nn.Linear(160, 160), nn.ReLU(), nn.Linear(160, 1), nn.Sigmoid())
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    run.watch(net, optimizer)
    step = 0
    for _epoch in range(12):
        for rows in torch.randperm(len(x)).split(60):
            p = net(x[rows]).squeeze(1)
            loss = binary_loss(p, y[rows], 0.0 if sick else 1e-6)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            step += 1
            run.log({"loss": loss.item()}, step=step)
    with torch.no_grad():
        p = net(x_test).squeeze(1)
    return ((p > 0.5).float() == y_test).float().mean().item()


PROGRAM = Program(train, causes=("unstable_loss",), by_definition=True, onset=26)
