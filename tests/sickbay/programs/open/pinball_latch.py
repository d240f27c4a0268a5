"""A gated cell written by hand remembers which of four bumpers was hit last; its gates snap open and shut."""

import torch
from torch import nn

from ...program import Program

BUMPERS, TICKS = 4, 25


def games(n, gen):
    hit = torch.rand(n, TICKS, generator=gen) < 0.12
    hit[:, 0] = True
    which = torch.randint(0, BUMPERS, (n, TICKS), generator=gen)
    signal = nn.functional.one_hot(which, BUMPERS).float()
    x = torch.cat([signal, hit[..., None].float()], -1)
    latest = torch.where(hit, torch.arange(TICKS), 0).max(1).values
    return x, which[torch.arange(n), latest]


class LatchCell(nn.Module):
    def __init__(self, inputs, hidden):
        super().__init__()
        self.gate = nn.Linear(inputs + hidden, hidden)
        self.candidate = nn.Linear(inputs, hidden)
        nn.init.constant_(self.gate.bias, -2.0)

    def forward(self, x, h):
        z = torch.sigmoid(2.0 * self.gate(torch.cat([x, h], -1)))
        return (1 - z) * h + z * torch.tanh(self.candidate(x))


class Pinball(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.hidden = hidden
        self.cell = LatchCell(BUMPERS + 1, hidden)
        self.head = nn.Linear(hidden, BUMPERS)

    def forward(self, x):
        h = x.new_zeros(len(x), self.hidden)
        for t in range(x.shape[1]):
            h = self.cell(x[:, t], h)
        return self.head(h)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    gen = torch.Generator().manual_seed(seed)
    x, y = games(3000, gen)
    x_test, y_test = games(500, gen)
    model = Pinball()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    scheduler = torch.optim.lr_scheduler.CyclicLR(optimizer, 1e-3, 1e-2, step_size_up=50, cycle_momentum=False)
    run.watch(model, optimizer, criterion)
    for step in range(400):
        idx = torch.randint(0, 3000, (32,), generator=gen)
        optimizer.zero_grad()
        loss = criterion(model(x[idx]), y[idx])
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        run.log({"loss": loss.item(), "learning_rate_now": scheduler.get_last_lr()[0]})
    model.eval()
    with torch.no_grad():
        return (model(x_test).argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train)
