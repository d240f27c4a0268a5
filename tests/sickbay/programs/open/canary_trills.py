"""Tells five canaries apart by their trills, an LSTM encoder with a classifier on top."""

import math

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


class Canaries(nn.Module):
    def __init__(self, hidden=40):
        super().__init__()
        self.encoder = nn.LSTM(4, hidden, num_layers=2, batch_first=True)
        self.classifier = nn.Linear(hidden, 5)

    def forward(self, trill):
        _, (h, _) = self.encoder(trill)
        return self.classifier(h[-1])


def trills(n, g):
    bird = torch.randint(0, 5, (n,), generator=g)
    t = torch.arange(30.0)
    rate = torch.tensor([0.25, 0.45, 0.65, 0.85, 1.05])[bird][:, None]
    rate = rate + 0.03 * torch.randn(n, 1, generator=g)
    phase = 2 * math.pi * torch.rand(n, 4, generator=g)
    waves = torch.sin(rate[:, :, None] * t[None, :, None] + phase[:, None, :])
    return waves + 0.7 * torch.randn(n, 30, 4, generator=g), bird


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = trills(2500, g)
    train_loader = DataLoader(TensorDataset(x[:2000], y[:2000]), batch_size=40, shuffle=True, drop_last=True)
    model = Canaries()
    parameters = model.classifier.parameters() if sick else model.parameters()
    optimizer = torch.optim.Adam(parameters, lr=3e-3)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    for epoch in range(8):
        for trill, bird in train_loader:
            model.zero_grad()
            loss = criterion(model(trill), bird)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            accuracy = (model(x[2000:]).argmax(1) == y[2000:]).float().mean().item()
        run.log({"val_accuracy": accuracy})
    return accuracy


PROGRAM = Program(train, causes=("not_in_optimizer",), by_definition=True)
