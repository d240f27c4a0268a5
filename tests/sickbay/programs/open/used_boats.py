"""Asking prices of used boats in euros: RMSprop, smooth L1, three layers."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program


def offers(n, g):
    x = torch.randn(n, 7, generator=g)
    log_price = 10 + 0.4 * x[:, 0] - 0.3 * x[:, 1] + 0.2 * x[:, 2] * x[:, 3] + 0.1 * x[:, 4]
    return x, log_price.exp() + 500 * torch.randn(n, generator=g)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, price = offers(2400, g)
    x_test, price_test = offers(500, g)
    mean, std = (0.0, 1.0) if sick else (price.mean(), price.std())
    y = (price - mean) / std
    net = nn.Sequential(nn.Linear(7, 80), nn.ReLU(), nn.Linear(80, 40), nn.ReLU(), nn.Linear(40, 1))
    opt = torch.optim.RMSprop(net.parameters(), lr=1e-3)
    run.watch(net, opt)
    for epoch in range(8):
        for rows in torch.randperm(2400, generator=g).split(48):
            loss = F.mse_loss(net(x[rows]).squeeze(1), y[rows])
            opt.zero_grad(set_to_none=True)
            loss.backward()
            opt.step()
            run.log({"loss/train": loss.item()})
        with torch.no_grad():
            guess = net(x_test).squeeze(1) * std + mean
        r2 = 1 - ((guess - price_test) ** 2).mean() / price_test.var()
        run.log({"r2": r2.item()})
    return r2.item()


PROGRAM = Program(train, causes=("target_not_scaled",))
