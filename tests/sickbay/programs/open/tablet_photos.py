"""Tablets on a conveyor, photographed: an own Trainer class around a convolutional network."""

import torch
import torch.nn as nn
from sklearn.datasets import load_digits

from ...program import Program


def conv_block(a, b):
    return nn.Sequential(nn.Conv2d(a, b, 3, padding=1, bias=False), nn.BatchNorm2d(b), nn.ReLU(), nn.MaxPool2d(2))


class Trainer:
    def __init__(self, model, optimizer, criterion, run, clear):
        self.model, self.optimizer, self.criterion, self.run, self.clear = model, optimizer, criterion, run, clear

    def fit(self, batches):
        for x, y in batches:
            self.model.train()
            loss = self.criterion(self.model(x), y)
            loss.backward()
            self.optimizer.step()
            if self.clear:
                self.optimizer.zero_grad()
            self.run.log({"loss": loss})


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    d = load_digits()
    order = torch.randperm(1797, generator=g)
    x, y = ((torch.tensor(d.images).float() - 4.9) / 6).unsqueeze(1)[order], torch.tensor(d.target)[order]
    x = x + 0.8 * torch.randn(x.shape, generator=g)
    model = nn.Sequential(conv_block(1, 12), conv_block(12, 24), nn.Flatten(), nn.Linear(96, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)

    def batches():
        for _ in range(220):
            i = torch.randint(1400, (32,), generator=g)
            yield x[i], y[i]

    Trainer(model, optimizer, criterion, run, clear=not sick).fit(batches())
    model.eval()
    with torch.no_grad():
        return (model(x[1400:]).argmax(1) == y[1400:]).float().mean().item()


PROGRAM = Program(train, causes=("missing_zero_grad",), by_definition=True)
