"""Torque of a valve from eight readings. Two hidden layers, momentum, mean squared error."""

import torch
from torch import nn

from ...program import Program


def bench(n, g):
    x = torch.randn(n, 8, generator=g)
    y = x[:, 0] * x[:, 1] + torch.sin(2 * x[:, 2]) + 0.5 * x[:, 3] - 0.3 * x[:, 4].abs()
    return x, ((y + 0.24) / 1.33 + 0.1 * torch.randn(n, generator=g)).unsqueeze(1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = bench(4000, g)
    x_val, y_val = bench(600, g)
    net = nn.Sequential(nn.Linear(8, 96), nn.SiLU(), nn.Linear(96, 96), nn.SiLU(), nn.Linear(96, 1))
    lr = 2e-5 if sick else 5e-2
    opt = torch.optim.SGD(net.parameters(), lr=lr, momentum=0.9)
    mse = nn.MSELoss()
    run.watch(net, opt, mse)
    for it in range(400):
        i = torch.randint(0, len(x), (64,), generator=g)
        loss = mse(net(x[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
        run.log({"loss": loss, "lr": lr})
        if it % 40 == 39:
            with torch.no_grad():
                run.log({"val_loss": mse(net(x_val), y_val)})
    with torch.no_grad():
        return 1 - (mse(net(x_val), y_val) / y_val.var()).item()


PROGRAM = Program(train, causes=("learning_rate_too_low",))
