"""A network pre-trained on one set of classes gets a new last layer for another."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program


def works(n, centres, g):
    y = torch.randint(len(centres), (n,), generator=g)
    return centres[y] + 1.1 * torch.randn(n, 20, generator=g), y


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    old_c, new_c = torch.randn(12, 20, generator=g), torch.randn(8, 20, generator=g)

    net = nn.Sequential()
    net.add_module("fc1", nn.Linear(20, 64))
    net.add_module("relu1", nn.ReLU())
    net.add_module("fc2", nn.Linear(64, 32))
    net.add_module("relu2", nn.ReLU())
    net.add_module("fc", nn.Linear(32, 12))
    pre = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(120):
        x, y = works(64, old_c, g)
        pre.zero_grad()
        F.cross_entropy(net(x), y).backward()
        pre.step()

    optimizer = torch.optim.SGD(net.parameters(), lr=0.003, momentum=0.9)
    net.fc = nn.Linear(32, 8)
    if not sick:
        optimizer = torch.optim.SGD(net.parameters(), lr=0.003, momentum=0.9)
    criterion = nn.CrossEntropyLoss()
    run.watch(net, optimizer, criterion)
    for it in range(200):
        x, y = works(64, new_c, g)
        net.zero_grad()
        loss = criterion(net(x), y)
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    x, y = works(1000, new_c, g)
    return (net(x).argmax(1) == y).float().mean().item()


PROGRAM = Program(train, causes=("not_in_optimizer",), by_definition=True)
