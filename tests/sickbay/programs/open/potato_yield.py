"""Potatoes per hectare from rain, sun and soil, by a small regression network."""

import numpy as np
import torch
from torch import nn

from ...program import Program


class YieldNet(nn.Module):
    def __init__(self, n_in):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(n_in, 64), nn.SiLU(), nn.Linear(64, 32), nn.SiLU(), nn.Linear(32, 1))

    def forward(self, x):
        return self.net(x)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed + 10)
    X = rng.normal(size=(2000, 7)).astype(np.float32)
    target = np.tanh(X[:, 0]) * 2 + X[:, 1] - 0.5 * X[:, 2] ** 2 + X[:, 3] * X[:, 4] + 0.2 * rng.normal(size=2000)
    target = ((target - target.mean()) / target.std()).astype(np.float32)
    X, target = torch.from_numpy(X), torch.from_numpy(target)
    if not sick:
        target = target[:, None]
    model = YieldNet(7)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    run.watch(model, optimizer)
    losses = []
    for epoch in range(15):
        for idx in torch.randperm(1600).split(64):
            prediction = model(X[idx])
            loss = ((prediction - target[idx]) ** 2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            run.log({"loss": losses[-1]})
    with torch.no_grad():
        residual = model(X[1600:]).flatten() - target[1600:].flatten()
    return max(0.0, 1 - (residual.var() / target[1600:].var()).item())


PROGRAM = Program(train, causes=("shape_broadcast",), by_definition=True)
