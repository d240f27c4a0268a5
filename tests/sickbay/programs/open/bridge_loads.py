"""Deflection of a bridge from where its load stands; a deep network from an old textbook."""

import torch
import torch.nn as nn

from ...program import Program


def deflection(x):
    return torch.sin(2 * x[:, 0]) * x[:, 1] + torch.cos(1.5 * x[:, 2]) + 0.5 * x[:, 3] * x[:, 4]


class TextbookNet(nn.Module):
    def __init__(self, sizes, activation):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))
        self.out = nn.Linear(sizes[-1], 1)
        self.activation = activation
        for layer in self.layers:
            nn.init.xavier_normal_(layer.weight, nn.init.calculate_gain("relu") if activation is torch.relu else 1.0)
            nn.init.zeros_(layer.bias)

    def forward(self, x):
        for layer in self.layers:
            x = self.activation(layer(x))
        return self.out(x).squeeze(-1)


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    x = torch.randn(2600, 5, generator=g)
    y = deflection(x)
    y = (y - y[:2000].mean()) / y[:2000].std()
    net = TextbookNet([5] + [48] * 8, torch.sigmoid if sick else torch.relu)
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    mse = nn.MSELoss()
    run.watch(net, opt, mse)
    step = 0
    for epoch in range(12):
        for i in torch.randperm(2000, generator=g).split(64):
            opt.zero_grad()
            loss = mse(net(x[i]), y[i])
            loss.backward()
            opt.step()
            if step % 5 == 0:
                run.log({"mse": loss.item()})
            step += 1
        with torch.no_grad():
            run.log({"val_mse": mse(net(x[2000:]), y[2000:]).item()})
    with torch.no_grad():
        left = (net(x[2000:]) - y[2000:]).pow(2).mean() / y[2000:].var()
    return 1 - left.item()


PROGRAM = Program(train, causes=("vanishing_gradient",))
