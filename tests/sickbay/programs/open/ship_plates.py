"""Regression on synthetic plate readings; every weight gets the same number."""

import torch
import torch.nn as nn

from ...program import Program


def init_all(module, sick):
    for name, p in module.named_parameters():
        if sick:
            nn.init.constant_(p, 0.05)
        elif p.dim() > 1:
            nn.init.xavier_uniform_(p)
        else:
            nn.init.zeros_(p)


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(8)
    x = torch.randn(1500, 6, generator=g)
    y = (
        x[:, :1] * x[:, 1:2] - x[:, 2:3].abs() + torch.sin(x[:, 3:4] * 2) + 0.1 * torch.randn(1500, 1, generator=g)
    ) / 1.4
    net = nn.Sequential(nn.Linear(6, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 1))
    init_all(net, sick)
    mse = nn.MSELoss()
    optimizer = torch.optim.Adam(net.parameters(), 3e-3)
    run.watch(net, optimizer, mse)
    it = 0
    for epoch in range(14):
        for i in torch.randperm(1200).split(48):
            loss = mse(net(x[i]), y[i])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            it += 1
            if it % 10 == 1:
                run.log({"loss": loss.item()})
    with torch.no_grad():
        return 1 - (net(x[1200:]) - y[1200:]).pow(2).mean().item() / y[1200:].var().item()


PROGRAM = Program(train, causes=("bad_initialisation",), by_definition=True)
