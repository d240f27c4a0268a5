"""Density of beeswax samples from lab readings: a small regression with plain SGD."""

import numpy as np
import torch
from torch import nn

from ...program import Program


def lab_readings(rng, n):
    x = rng.normal(size=(n, 8))
    y = 1.2 * x[:, 0] - 0.8 * x[:, 1] * x[:, 2] + np.sin(1.5 * x[:, 3]) + 0.5 * x[:, 4] + 0.1 * rng.normal(size=n)
    return x.astype("float32"), y.astype("float32")


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    x, y = lab_readings(rng, 3000)
    y = (y - y[:2400].mean()) / y[:2400].std()
    x, y = torch.from_numpy(x), torch.from_numpy(y).unsqueeze(1)
    x_tr, y_tr, x_te, y_te = x[:2400], y[:2400], x[2400:], y[2400:]

    net = nn.Sequential(
        nn.Linear(8, 64),
        nn.ReLU(),
        nn.Linear(64, 64),
        nn.ReLU(),
        nn.Linear(64, 1),
    )
    mse = nn.MSELoss()
    sgd = torch.optim.SGD(net.parameters(), lr=1e-5 if sick else 5e-2, momentum=0.9)
    run.watch(net, sgd)
    step = 0
    for epoch in range(12):
        order = torch.randperm(2400)
        for start in range(0, 2400, 48):
            rows = order[start : start + 48]
            pred = net(x_tr[rows])
            loss = mse(pred, y_tr[rows])
            sgd.zero_grad()
            loss.backward()
            sgd.step()
            if step % 5 == 0:
                run.log({"train_loss": loss.item()}, step=step)
            step += 1
    with torch.no_grad():
        residual = ((net(x_te) - y_te) ** 2).mean()
        return max(0.0, 1 - (residual / y_te.var()).item())


PROGRAM = Program(train, causes=("learning_rate_too_low",))
