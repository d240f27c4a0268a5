"""Edible or not, from one-hot columns, by a deep stack as in the textbook of the nineties."""

import torch
from torch import nn

from ...program import Program


def mushrooms(n, table, g):
    codes = torch.randint(4, (n, 8), generator=g)
    risk = table[torch.arange(8), codes].sum(1)
    return nn.functional.one_hot(codes, 4).flatten(1).float(), (risk > 0).float().unsqueeze(1)


class DeepNet(nn.Module):
    def __init__(self, depth, act):
        super().__init__()
        self.inp = nn.Linear(32, 96)
        self.hidden = nn.ModuleList([nn.Linear(96, 96) for _ in range(depth)])
        self.out = nn.Linear(96, 1)
        self.act = act

    def forward(self, x):
        x = self.act(self.inp(x))
        for layer in self.hidden:
            x = self.act(layer(x))
        return self.out(x)


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    table = torch.randn(8, 4, generator=g)
    table -= table.mean(1, keepdim=True)
    X, Y = mushrooms(2000, table, g)
    Xv, Yv = mushrooms(500, table, g)
    model = DeepNet(8, nn.Sigmoid()) if sick else DeepNet(3, nn.ReLU())
    crit = nn.BCEWithLogitsLoss()
    opt = torch.optim.Adam(model.parameters(), lr=0.001)
    run.watch(model, opt, crit)
    n = 0
    for epoch in range(8):
        perm = torch.randperm(2000, generator=g)
        for i in range(0, 2000, 50):
            xb, yb = X[perm[i : i + 50]], Y[perm[i : i + 50]]
            loss = crit(model(xb), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
            n += 1
            if n % 4 == 0:
                run.log({"loss": loss.item()})
    with torch.no_grad():
        return ((model(Xv) > 0) == (Yv > 0.5)).float().mean().item()


PROGRAM = Program(train, causes=("vanishing_gradient",))
