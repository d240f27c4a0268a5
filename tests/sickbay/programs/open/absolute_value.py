"""Learn |x| with a very deep and very thin network: a question about expressiveness."""

import torch
import torch.nn as nn

from ...program import Program


def build(width, depth, activation):
    modules = [nn.Linear(1, width), activation()]
    for _ in range(depth - 1):
        modules += [nn.Linear(width, width), activation()]
    return nn.Sequential(*modules, nn.Linear(width, 1))


def train(run, *, sick, seed):
    gen = torch.Generator().manual_seed(seed)
    x = torch.rand(3000, 1, generator=gen) * 3.4 - 1.7
    y = x.abs()
    net = build(3, 10, nn.ReLU) if sick else build(24, 3, nn.LeakyReLU)
    for m in net:
        if isinstance(m, nn.Linear):
            nn.init.kaiming_normal_(m.weight)
            nn.init.zeros_(m.bias)
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    run.watch(net, optimizer, criterion)
    for step in range(500):
        i = torch.randint(2500, (64,), generator=gen)
        optimizer.zero_grad()
        loss = criterion(net(x[i]), y[i])
        loss.backward()
        optimizer.step()
        run.log({"loss": loss})
    with torch.no_grad():
        err = (net(x[2500:]) - y[2500:]).pow(2).mean() / y[2500:].var()
    return 1 - err.item()


PROGRAM = Program(train, causes=("dead_units",))
