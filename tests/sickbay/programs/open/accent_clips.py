"""Accents from short sequences of features, by a GRU whose gradients are clipped as in the paper."""

import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_

from ...program import Program


class AccentGRU(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(8, 32, batch_first=True)
        self.fc = nn.Linear(32, 4)

    def forward(self, x):
        _, h = self.gru(x)
        return self.fc(h[-1])


def clips(n, drift, g):
    y = torch.randint(4, (n,), generator=g)
    x = torch.randn(n, 15, 8, generator=g) + drift[y][:, None]
    return x, y


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    drift = 0.7 * torch.randn(4, 8, generator=g)
    x, y = clips(1600, drift, g)
    xt, yt = clips(400, drift, g)
    model = AccentGRU()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    run.watch(model, optimizer, criterion)
    for step in range(250):
        b = torch.randint(1600, (32,), generator=g)
        optimizer.zero_grad()
        loss = criterion(model(x[b]), y[b])
        loss.backward()
        clip_grad_norm_(model.parameters(), 0.001 if sick else 1.0)
        optimizer.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        return (model(xt).argmax(1) == yt).float().mean().item()


PROGRAM = Program(train, causes=("clipping_always_on",))
