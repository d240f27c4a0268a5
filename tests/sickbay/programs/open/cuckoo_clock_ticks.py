"""How far a cuckoo clock has lately drifted, read from eighty uneven ticks by a recurrent cell written by hand."""

import torch
from torch import nn

from ...program import Program


class TickCell(nn.Module):
    def __init__(self, inputs, hidden, gain):
        super().__init__()
        self.into = nn.Linear(inputs, hidden)
        self.across = nn.Linear(hidden, hidden, bias=False)
        self.gain = gain

    def forward(self, x, h):
        return torch.tanh(self.into(x) + self.gain * self.across(h))


class Drift(nn.Module):
    def __init__(self, gain, hidden=80):
        super().__init__()
        self.cell = TickCell(2, hidden, gain)
        self.hidden = hidden
        self.out = nn.Linear(hidden, 1)

    def forward(self, ticks):
        h = ticks.new_zeros(len(ticks), self.hidden)
        for x in ticks.unbind(1):
            h = self.cell(x, h)
        return self.out(h).squeeze(1)


def clocks(n, ticks=80):
    late = torch.randn(n, ticks)
    heard = (torch.rand(n, ticks) < 0.5).float()
    drift = ((late * heard) * 0.88 ** torch.arange(ticks - 1, -1, -1.0)).sum(1)
    return torch.stack([late, 2 * heard - 1], 2), drift / drift.std()


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = clocks(3600)
    model = Drift(gain=4.0 if sick else 1.0)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    criterion = nn.MSELoss()
    run.watch(model, optimizer, criterion)
    for epoch in range(8):
        for rows in torch.randperm(3200).split(64):
            optimizer.zero_grad()
            loss = criterion(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        return max(0.0, 1 - criterion(model(x[3200:]), y[3200:]).item() / y[3200:].var().item())


PROGRAM = Program(train, causes=("exploding_gradient",))
