"""A recurrent network of rectified units adds up what a loom's sensor sent over thirty ticks."""

import torch
from torch import nn

from ...program import Program


class Adder(nn.Module):
    def __init__(self, hidden=48):
        super().__init__()
        self.rnn = nn.RNN(2, hidden, nonlinearity="relu", batch_first=True)
        nn.init.eye_(self.rnn.weight_hh_l0)
        nn.init.zeros_(self.rnn.bias_hh_l0)
        nn.init.zeros_(self.rnn.bias_ih_l0)
        nn.init.normal_(self.rnn.weight_ih_l0, std=0.1)
        self.out = nn.Linear(hidden, 1)

    def forward(self, x):
        _, h = self.rnn(x)
        return self.out(h[-1]).squeeze(-1)


def batch(n, g, length=30):
    value = torch.randn(n, length, generator=g)
    gate = (torch.rand(n, length, generator=g) < 0.2).float()
    y = (value * gate).sum(1) / (0.2 * length) ** 0.5
    return torch.stack([value, gate], 2), y


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed + 40)
    model = Adder()
    criterion = nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=600)
    run.watch(model, optimizer, criterion)
    for step in range(600):
        x, y = batch(32, g)
        loss = criterion(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        if not sick:
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        x, y = batch(500, g)
        r2 = 1 - (criterion(model(x), y) / y.var()).item()
    return max(0.0, r2) if r2 == r2 else 0.0


PROGRAM = Program(train, causes=("exploding_gradient",))
