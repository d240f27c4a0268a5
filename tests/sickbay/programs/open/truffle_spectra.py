"""Six kinds of truffle from forty-four bands of a spectrometer, by a wide and mostly silent rectified network."""

import math

import torch
from torch import nn

from ...program import Program


def spectra(n):
    kind = torch.randint(0, 6, (n,))
    band = torch.linspace(0, 1, 40)
    centre = torch.rand(6, 3)
    height = 0.5 + torch.rand(6, 3)
    bumps = height[kind][:, :, None] * torch.exp(-((band - centre[kind][:, :, None]) ** 2) / 0.004)
    curve = bumps.sum(1) + 0.45 * torch.randn(n, 40)
    instrument = nn.functional.one_hot(torch.randint(0, 3, (n,)), 3).float()
    broken = torch.zeros(n, 1)
    return torch.cat([(curve - curve.mean(0)) / curve.std(0), instrument, broken], 1), kind


def quiet_net():
    model = nn.Sequential(
        nn.Linear(44, 128),
        nn.BatchNorm1d(128),
        nn.ReLU(),
        nn.Linear(128, 128),
        nn.BatchNorm1d(128),
        nn.ReLU(),
        nn.Linear(128, 6),
    )
    for layer in model:
        if isinstance(layer, nn.BatchNorm1d):
            nn.init.constant_(layer.bias, -1.0)
    return model


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = spectra(4000)
    model = quiet_net()
    steps = 10 * math.ceil(3400 / 64)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4, nesterov=True)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    run.watch(model, optimizer, criterion)
    for epoch in range(10):
        model.train()
        for rows in torch.randperm(3400).split(64):
            loss = criterion(model(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            scheduler.step()
            run.log({"loss": loss.item(), "lr": scheduler.get_last_lr()[0]})
        model.eval()
        with torch.no_grad():
            out = model(x[3400:])
        accuracy = (out.argmax(1) == y[3400:]).float().mean().item()
        run.log({"val_loss": criterion(out, y[3400:]).item(), "val_accuracy": accuracy})
    return accuracy


PROGRAM = Program(train)
