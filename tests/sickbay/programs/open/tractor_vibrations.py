"""The gear a tractor drives in, of ten, from a short vibration trace, with a 1-D convolutional network."""

import math

import torch
from torch import nn

from ...program import Program

GEARS = 10


def traces(n, length=64):
    gear = torch.randint(0, GEARS, (n,))
    t = torch.arange(length) / length
    frequency = 2 + 1.5 * gear.float()[:, None] + 0.2 * torch.randn(n, 1)
    wave = torch.sin(2 * math.pi * (frequency * t + torch.rand(n, 1))) + 0.3 * torch.randn(n, length)
    return (wave / wave.std()).unsqueeze(1), gear


def build(sick):
    layers = [
        nn.Conv1d(1, 16, 9, padding=4),
        nn.ReLU(),
        nn.MaxPool1d(2),
        nn.Conv1d(16, 32, 5, padding=2),
        nn.ReLU(),
        nn.AdaptiveMaxPool1d(4),
        nn.Flatten(),
        nn.Linear(128, 48),
        nn.ReLU(),
        nn.Linear(48, GEARS),
    ]
    if sick:
        layers.append(nn.Softmax(dim=1))
    return nn.Sequential(*layers)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = traces(2400)
    xv, yv = traces(600)
    model = build(sick)
    loss_fn = nn.CrossEntropyLoss()
    opt = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    run.watch(model, opt, loss_fn)
    for epoch in range(8):
        perm = torch.randperm(len(x))
        for k in range(0, len(x), 48):
            xb, yb = x[perm[k : k + 48]], y[perm[k : k + 48]]
            loss = loss_fn(model(xb), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            run.log({"val_acc": (model(xv).argmax(1) == yv).float().mean().item()})
    with torch.no_grad():
        return (model(xv).argmax(1) == yv).float().mean().item()


PROGRAM = Program(train, causes=("loss_output_mismatch",), by_definition=True)
