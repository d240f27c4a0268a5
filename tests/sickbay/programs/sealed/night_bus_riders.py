"""Riders of a night bus per stop: dropout of one half after each of three layers, Poisson loss."""

import torch
from torch import nn

from ...program import Program


class Riders(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        sizes = [12, 160, 160, 160]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))
        self.drop = nn.Dropout(p)
        self.out = nn.Linear(160, 1)

    def forward(self, x):
        for layer in self.layers:
            x = self.drop(torch.relu(layer(x)))
        return self.out(x).squeeze(1)


def stops(n, g):
    x = torch.randn(n, 12, generator=g)
    rate = (1.2 + 0.6 * x[:, 0] - 0.5 * x[:, 1] * (x[:, 2] > 0) + 0.3 * x[:, 3]).exp()
    return x, torch.poisson(rate, generator=g), rate


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y, _ = stops(6000, g)
    x_val, y_val, rate = stops(800, g)
    model = Riders()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    criterion = nn.PoissonNLLLoss()
    run.watch(model, optimizer, criterion)
    for epoch in range(4):
        model.train()
        for i in torch.randperm(6000, generator=g).split(64):
            loss = criterion(model(x[i]), y[i])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"nll": loss.item()})
        model.eval()
        with torch.no_grad():
            out = model(x_val)
            run.log({"val_nll": criterion(out, y_val).item()})
    return 1 - ((out - rate.log()) ** 2).mean().item() / rate.log().var().item()


PROGRAM = Program(train)
