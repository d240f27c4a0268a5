"""Six sea states from a buoy's heave record by a tall stack of 1-D convolutions."""

import torch
from torch import nn

from ...program import Program


def heave(n, g):
    state = torch.randint(0, 6, (n,), generator=g)
    t = torch.arange(64.0)
    period = torch.tensor([6.0, 8.0, 11.0, 6.0, 8.0, 11.0])[state] * (1 + 0.06 * torch.randn(n, generator=g))
    chop = torch.tensor([0.15, 0.15, 0.15, 0.6, 0.6, 0.6])[state]
    swell = torch.sin(6.2832 * t / period[:, None] + 6.2832 * torch.rand(n, 1, generator=g))
    ripple = torch.sin(2.6 * t + 6.2832 * torch.rand(n, 1, generator=g))
    x = swell + chop[:, None] * ripple + 0.25 * torch.randn(n, 64, generator=g)
    return x[:, None] / 0.8, state


def tower(depth, width, act):
    layers = []
    channels = 1
    for _ in range(depth):
        conv = nn.Conv1d(channels, width, 3, padding=1)
        if act is nn.ReLU:
            nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")
        else:
            nn.init.xavier_normal_(conv.weight)
        nn.init.zeros_(conv.bias)
        layers += [conv, act()]
        channels = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool1d(4), nn.Flatten(), nn.Linear(4 * width, 6))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = heave(2500, g)
    x_test, y_test = heave(500, g)
    net = tower(9, 16, nn.Sigmoid if sick else nn.ReLU)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    run.watch(net, optimizer, criterion)
    step = 0
    for epoch in range(7):
        for idx in torch.randperm(len(x)).split(50):
            loss = criterion(net(x[idx]), y[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            step += 1
            run.log({"loss": loss.item(), "epoch": epoch}, step=step)
    with torch.no_grad():
        return (net(x_test).argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("vanishing_gradient",))
