"""The slowly fading total of business kilometres after every trip, kept by a recurrent cell written by hand."""

import torch
from torch import nn

from ...program import Program


class TripCell(nn.Module):
    def __init__(self, hidden, sick):
        super().__init__()
        self.W_in = nn.Parameter(torch.randn(2, hidden) * 0.3)
        if sick:
            self.W_rec = nn.Parameter(torch.randn(hidden, hidden) * 0.3)
        else:
            self.W_rec = nn.Parameter(nn.init.orthogonal_(torch.empty(hidden, hidden)) * 0.95)
        self.bias = nn.Parameter(torch.zeros(hidden))

    def forward(self, x, h):
        return torch.tanh(x @ self.W_in + h @ self.W_rec + self.bias)


class TripCounter(nn.Module):
    def __init__(self, hidden=64, sick=False):
        super().__init__()
        self.cell = TripCell(hidden, sick)
        self.total = nn.Linear(hidden, 1)
        self.hidden = hidden

    def forward(self, trips):
        h = trips.new_zeros(len(trips), self.hidden)
        totals = []
        for x in trips.unbind(1):
            h = self.cell(x, h)
            totals.append(self.total(h))
        return torch.cat(totals, 1)


def trips(n, g, length=70):
    km = torch.rand(n, length, generator=g)
    business = (torch.rand(n, length, generator=g) < 0.4).float()
    total, targets = torch.full((n,), 2.0), []
    for k in range(length):
        total = 0.9 * total + km[:, k] * business[:, k]
        targets.append(total)
    return torch.stack([2 * km - 1, 2 * business - 1], -1), (torch.stack(targets, 1) - 2.0) / 0.7


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed + 70)
    x_test, y_test = trips(500, g)
    model = TripCounter(sick=sick)
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer, criterion)
    for step in range(300):
        x, y = trips(32, g)
        loss = criterion(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()}, step=step)
    with torch.no_grad():
        rest = (model(x_test) - y_test).pow(2).mean() / y_test.var()
    return torch.nan_to_num(1 - rest, nan=0.0).clamp(0, 1).item()


PROGRAM = Program(train, causes=("exploding_gradient", "bad_initialisation"))
