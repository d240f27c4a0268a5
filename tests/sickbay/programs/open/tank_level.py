"""A recurrent net adds up what flows into a tank and out of it over half an hour."""

import math

import torch
from torch import nn

from ...program import Program


class LevelNet(nn.Module):
    def __init__(self, cell, hidden=48):
        super().__init__()
        self.rnn = cell(2, hidden, batch_first=True)
        self.readout = nn.Linear(hidden, 1)
        if cell is nn.RNN:
            nn.init.orthogonal_(self.rnn.weight_hh_l0)
            nn.init.normal_(self.rnn.weight_ih_l0, std=0.1)

    def forward(self, x):
        out, _ = self.rnn(x)
        return self.readout(out[:, -1]).squeeze(1)


def flows(n, gen, t=30):
    amount = torch.randn(n, t, generator=gen)
    open_ = (torch.rand(n, t, generator=gen) < 0.3).float()
    level = (amount * open_).sum(1) / math.sqrt(0.3 * t)
    return torch.stack([amount * open_ / 0.55, (open_ - 0.3) / 0.46], 2), level


def train(run, *, sick, seed):
    gen = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    x, y = flows(3000, gen)
    x_val, y_val = flows(500, gen)
    model = LevelNet(nn.RNN if sick else nn.GRU)
    criterion = nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    run.watch(model, optimizer)
    for step in range(400):
        idx = torch.randint(0, 3000, (32,), generator=gen)
        loss = criterion(model(x[idx]), y[idx])
        optimizer.zero_grad()
        loss.backward()
        if not sick:
            nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        optimizer.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        r2 = (1 - criterion(model(x_val), y_val) / y_val.var()).item()
    return min(max(r2, 0.0), 1.0) if math.isfinite(r2) else 0.0


PROGRAM = Program(train, causes=("exploding_gradient",))
