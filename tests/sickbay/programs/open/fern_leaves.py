"""Ferns by measurements of a leaf, in millimetres: batch norm stands first, in place of a scaler."""

import torch
from torch import nn

from ...program import Program


def leaves(n, g):
    z = torch.randn(n, 16, generator=g)
    r = (z[:, :4] ** 2).sum(1) - 3.4
    return 12 + 2 * z, (r > 0).long() + 2 * ((z[:, 6] + z[:, 7]) > 0).long()


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = leaves(5000, g)
    first = [nn.Dropout(0.2), nn.BatchNorm1d(16)] if sick else [nn.BatchNorm1d(16), nn.Dropout(0.2)]
    net = nn.Sequential(*first, nn.Linear(16, 96), nn.ReLU(), nn.Linear(96, 64), nn.ReLU(), nn.Linear(64, 4))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    run.watch(net, optimizer, criterion)
    for epoch in range(8):
        net.train()
        for i in torch.randperm(4400, generator=g).split(88):
            loss = criterion(net(x[i]), y[i])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"train_loss": loss.item()})
        net.eval()
        with torch.no_grad():
            out = net(x[4400:])
            run.log({"val_loss": criterion(out, y[4400:]).item()})
    return (out.argmax(1) == y[4400:]).float().mean().item()


PROGRAM = Program(train, causes=("normalisation_order",))
