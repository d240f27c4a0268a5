"""The way a person walks, of five, from steps of a hip sensor, with a GRU cell written by hand."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program

WAYS = 5


class OwnGRU(nn.Module):
    def __init__(self, inputs, hidden, scale):
        super().__init__()
        self.hidden = hidden
        self.wx = nn.Parameter(scale(inputs) * torch.randn(inputs, 3 * hidden))
        self.wh = nn.Parameter(scale(hidden) * torch.randn(hidden, 3 * hidden))
        self.b = nn.Parameter(torch.zeros(3 * hidden))
        self.out = nn.Parameter(scale(hidden) * torch.randn(hidden, WAYS))

    def forward(self, x):
        h = x.new_zeros(len(x), self.hidden)
        for t in range(x.shape[1]):
            from_x = x[:, t] @ self.wx + self.b
            from_h = h @ self.wh
            xz, xr, xn = from_x.chunk(3, 1)
            hz, hr, hn = from_h.chunk(3, 1)
            z, r = torch.sigmoid(xz + hz), torch.sigmoid(xr + hr)
            h = (1 - z) * torch.tanh(xn + r * hn) + z * h
        return h @ self.out


def steps(n, patterns):
    way = torch.randint(0, WAYS, (n,))
    x = patterns[way] * (0.7 + 0.6 * torch.rand(n, 1, 1)) + 0.9 * torch.randn(n, 16, 3)
    return x / x.std(), way


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    patterns = 0.7 * torch.randn(WAYS, 16, 3)
    x, y = steps(2000, patterns)
    x_test, y_test = steps(600, patterns)

    model = OwnGRU(3, 96, (lambda fan_in: 1.0) if sick else (lambda fan_in: 1 / math.sqrt(fan_in)))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer)
    for epoch in range(4):
        for rows in torch.randperm(2000).split(50):
            loss = F.cross_entropy(model(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})

    with torch.no_grad():
        return (model(x_test).argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("bad_initialisation",))
