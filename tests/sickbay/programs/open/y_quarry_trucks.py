"""A hand-written recurrent cell adds up what quarry trucks loaded over thirty trips."""

import torch
from torch import nn

from ...program import Program


class LoadCell(nn.Module):
    def __init__(self, n_in, hidden, bounded):
        super().__init__()
        self.i2h = nn.Linear(n_in, hidden)
        self.h2h = nn.Linear(hidden, hidden)
        self.bounded = bounded

    def forward(self, x, h):
        if self.bounded:
            return torch.tanh(self.i2h(x) + self.h2h(h))
        return h + torch.relu(self.i2h(x) + self.h2h(h))


class TripReader(nn.Module):
    def __init__(self, hidden=48, bounded=True):
        super().__init__()
        self.cell = LoadCell(2, hidden, bounded)
        self.readout = nn.Linear(hidden, 1)
        self.hidden = hidden

    def forward(self, trips):
        h = torch.zeros(trips.shape[0], self.hidden)
        for t in range(trips.shape[1]):
            h = self.cell(trips[:, t], h)
        return self.readout(h)


def make_trips(n, length=30):
    loads = torch.randn(n, length)
    late = torch.zeros(n, length)
    late[:, -6:] = 1.0
    total = (loads * late).sum(1, keepdim=True) / 6**0.5
    return torch.stack([loads, late - late.mean()], dim=-1), total


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = make_trips(3000)
    x_val, y_val = make_trips(500)
    model = TripReader(bounded=not sick)
    nn.init.orthogonal_(model.cell.h2h.weight)
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    for step in range(350):
        idx = torch.randint(0, len(x), (32,))
        optimizer.zero_grad()
        loss = criterion(model(x[idx]), y[idx])
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        if step % 5 == 0:
            run.log({"loss": loss.item()}, step=step)
    with torch.no_grad():
        error = criterion(model(x_val), y_val)
    return float((1 - error / y_val.var()).nan_to_num(0).clamp(0, 1))


PROGRAM = Program(train, causes=("exploding_activation",))
