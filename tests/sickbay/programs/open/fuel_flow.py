"""Fuel flow of an engine, standardised, from five settings. A tidy class for the network, Adam, early look at R2."""

import torch
from torch import nn

from ...program import Program


class FlowNet(nn.Module):
    def __init__(self, hidden=64, bounded=False):
        super().__init__()
        self.inp = nn.Linear(5, hidden)
        self.mid = nn.Linear(hidden, hidden)
        self.out = nn.Linear(hidden, 1)
        self.act = nn.ReLU()
        self.last = nn.ReLU() if bounded else nn.Identity()

    def forward(self, x):
        h = self.act(self.inp(x))
        h = self.act(self.mid(h))
        return self.last(self.out(h)).squeeze(-1)


def engine(n, g):
    x = 2 * torch.rand(n, 5, generator=g) - 1
    y = 3 * x[:, 0] * x[:, 1] + 2 * x[:, 2] ** 2 + x[:, 3] + 0.1 * torch.randn(n, generator=g)
    return x, y


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = engine(2600, g)
    y = (y - y[:2000].mean()) / y[:2000].std()
    x, y, x_te, y_te = x[:2000], y[:2000], x[2000:], y[2000:]
    model = FlowNet(bounded=sick)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    loss_fn = nn.MSELoss()
    run.watch(model, optimizer, loss_fn)
    for epoch in range(10):
        for b in torch.randperm(2000, generator=g).split(64):
            loss = loss_fn(model(x[b]), y[b])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"mse": loss.item()})
        with torch.no_grad():
            r2 = 1 - ((model(x_te) - y_te) ** 2).mean() / y_te.var()
        run.log({"val_r2": r2.item()})
    return r2.item()


PROGRAM = Program(train, causes=("loss_output_mismatch",), by_definition=True)
