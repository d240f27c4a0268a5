"""Three quantiles of a harvest by pinball loss: noise that depends on the rain, Adam with a decaying rate."""

import torch
import torch.nn as nn

from ...program import Program

LEVELS = torch.tensor([0.1, 0.5, 0.9])


def pinball(pred, y):
    e = y[:, None] - pred
    return torch.maximum(LEVELS * e, (LEVELS - 1) * e).mean()


def harvests(n, g):
    x = torch.randn(n, 5, generator=g)
    middle = torch.sin(x[:, 0]) + 0.5 * x[:, 1] * x[:, 2]
    return x, middle + (0.15 + 0.15 * x[:, 3].abs()) * torch.randn(n, generator=g), middle


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y, _ = harvests(5000, g)
    x_val, y_val, middle = harvests(600, g)
    net = nn.Sequential(nn.Linear(5, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU(), nn.Linear(64, 3))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    decay = torch.optim.lr_scheduler.ExponentialLR(opt, 0.7)
    run.watch(net, opt)
    for epoch in range(6):
        for i in torch.randperm(5000, generator=g).split(80):
            loss = pinball(net(x[i]), y[i])
            opt.zero_grad()
            loss.backward()
            opt.step()
            run.log({"pinball": loss.item()})
        decay.step()
        with torch.no_grad():
            out = net(x_val)
        covered = ((y_val > out[:, 0]) & (y_val < out[:, 2])).float().mean()
        run.log({"val/pinball": pinball(out, y_val).item(), "val/covered": covered.item()})
    return 1 - ((out[:, 1] - middle) ** 2).mean().item() / middle.var().item()


PROGRAM = Program(train)
