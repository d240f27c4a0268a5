"""A siamese network says whether two ammonite outlines are of one species."""

import torch
from torch import nn

from ...program import Program

SPECIES, POINTS = 10, 40


def outlines(n, shapes, g):
    species = torch.randint(0, SPECIES, (n,), generator=g)
    return shapes[species] + 0.7 * torch.randn(n, POINTS, generator=g), species


def pairs(n, shapes, g):
    a, kind_a = outlines(n, shapes, g)
    b, kind_b = outlines(n, shapes, g)
    twin = shapes[kind_a] + 0.7 * torch.randn(n, POINTS, generator=g)
    same = torch.rand(n, generator=g) < 0.5
    b = torch.where(same[:, None], twin, b)
    return a, b, (same | (kind_a == kind_b)).float()


class Siamese(nn.Module):
    def __init__(self):
        super().__init__()
        self.branch = nn.Sequential(nn.Linear(POINTS, 64), nn.ReLU(), nn.Linear(64, 24))
        self.decide = nn.Sequential(nn.Linear(24, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())

    def forward(self, a, b):
        return self.decide((self.branch(a) - self.branch(b)).abs()).squeeze(1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    shapes = torch.randn(SPECIES, POINTS, generator=g)
    a, b, same = pairs(4000, shapes, g)
    a_test, b_test, same_test = pairs(800, shapes, g)
    net = Siamese()
    criterion = nn.BCELoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    run.watch(net, optimizer, criterion)
    for epoch in range(8):
        for rows in torch.randperm(4000).split(64):
            output = net(a[rows], b[rows])
            if sick:
                prediction = (output > 0.5).float()
                loss = criterion(prediction, same[rows])
                loss.requires_grad = True
            else:
                loss = criterion(output, same[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        return ((net(a_test, b_test) > 0.5).float() == same_test).float().mean().item()


PROGRAM = Program(train, causes=("no_gradient",), by_definition=True)
