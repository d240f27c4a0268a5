"""Water level an hour ahead at a gondola pier: GRU over one long record, eight streams, state carried but cut."""

import numpy as np
import torch
from torch import nn

from ...program import Program


class TideGRU(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.gru = nn.GRU(2, hidden, batch_first=True)
        self.out = nn.Linear(hidden, 1)

    def forward(self, x, state=None):
        h, state = self.gru(x, state)
        return self.out(h), state


def record(n, rng):
    t = np.arange(n + 1)
    surge = np.zeros(n + 1)
    for k in range(1, n + 1):
        surge[k] = 0.9 * surge[k - 1] + 0.15 * rng.normal()
    level = np.sin(2 * np.pi * t / 12.4) + 0.5 * np.sin(2 * np.pi * t / 24.1 + 1) + surge
    level = (level - level.mean()) / level.std()
    wind = np.diff(surge, prepend=0) * 3 + rng.normal(size=n + 1) * 0.5
    x = np.stack([level[:-1], wind[:-1] / wind.std()], axis=1)
    return torch.tensor(x, dtype=torch.float32), torch.tensor(level[1:, None], dtype=torch.float32)


def train(run, *, sick=False, seed):
    torch.manual_seed(seed)
    x, y = record(8 * 1250, np.random.default_rng(seed))
    x, y = x.view(8, 1250, 2), y.view(8, 1250, 1)
    model = TideGRU()
    criterion = nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
    cycle = torch.optim.lr_scheduler.CyclicLR(optimizer, base_lr=0.01, max_lr=0.08, step_size_up=50, mode="triangular2")
    run.watch(model, optimizer, criterion)
    for epoch in range(10):
        state = None
        for start in range(0, 1000, 20):
            xb, yb = x[:, start : start + 20], y[:, start : start + 20]
            prediction, state = model(xb, state)
            state = state.detach()
            loss = criterion(prediction, yb)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 2.0)
            optimizer.step()
            cycle.step()
            run.log({"loss": loss.item(), "lr": cycle.get_last_lr()[0]})
    with torch.no_grad():
        prediction, _ = model(x[:, 1000:])
    target = y[:, 1020:]
    return float((1 - (prediction[:, 20:] - target).pow(2).mean() / target.var()).clamp(0, 1))


PROGRAM = Program(train)
