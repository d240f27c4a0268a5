"""Defects of wafers from twenty measurements that are all positive; ReLU network, biases set by hand."""

import torch
from torch import nn

from ...program import Program


def wafers(n, g):
    x = torch.rand(n, 20, generator=g)
    s = (x[:, :5].sum(1) - x[:, 5:10].sum(1)).abs() + 0.5 * x[:, 10]
    return x, (s > 1.0).long()


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(14)
    x, y = wafers(1600, g)
    layers = []
    for a, b in ((20, 64), (64, 64), (64, 32)):
        layer = nn.Linear(a, b)
        nn.init.kaiming_normal_(layer.weight)
        # "sparse activations": a bias that keeps units quiet
        nn.init.constant_(layer.bias, -5.0 if sick else 0.0)
        layers += [layer, nn.ReLU()]
    model = nn.Sequential(*layers, nn.Linear(32, 2))
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, opt, criterion)
    for epoch in range(10):
        for i in torch.randperm(1300).split(50):
            out = model(x[i])
            loss = criterion(out, y[i])
            opt.zero_grad()
            loss.backward()
            opt.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            run.log({"val_loss": criterion(model(x[1300:]), y[1300:]).item()})
    with torch.no_grad():
        return (model(x[1300:]).argmax(1) == y[1300:]).float().mean().item()


PROGRAM = Program(train, causes=("dead_units", "bad_initialisation"))
