"""Topics from word counts; each document is divided by its length in a layer of its own."""

import torch
from torch import nn

from ...program import Program


class UnitLength(nn.Module):
    def __init__(self, eps):
        super().__init__()
        self.eps = eps

    def forward(self, x):
        return x / (x.pow(2).sum(1, keepdim=True).sqrt() + self.eps) * 8


class Topics(nn.Module):
    def __init__(self, eps):
        super().__init__()
        self.project = nn.Linear(80, 200, bias=False)
        self.relu = nn.ReLU()
        self.unit = UnitLength(eps)
        self.out = nn.Linear(200, 5)

    def forward(self, x):
        return self.out(self.unit(self.relu(self.project(x))))


def documents(n, topics, g):
    y = torch.randint(5, (n,), generator=g)
    x = torch.poisson(topics[y], generator=g)
    x[torch.rand(n, generator=g) < 0.01] = 0  # nothing but stop words
    return x, y


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    topics = torch.rand(5, 80, generator=g) ** 3
    x, y = documents(2000, topics, g)
    xt, yt = documents(500, topics, g)
    model = Topics(0.0 if sick else 1e-6)
    if not sick:
        keep = x.sum(1) > 0
        x, y = x[keep], y[keep]
    criterion = nn.CrossEntropyLoss()
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    run.watch(model, opt, criterion)
    for _ in range(300):
        i = torch.randint(len(x), (32,), generator=g)
        loss = criterion(model(x[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
        run.log({"loss": loss.detach()})
    with torch.no_grad():
        out = model(xt)
        return ((out.argmax(1) == yt) & torch.isfinite(out).all(1)).float().mean().item()


PROGRAM = Program(train, causes=("unstable_layer",), by_definition=True)
