"""The water level half an hour ahead at a sluice from the last readings, by a GRU with SGD and clipped gradients."""

import torch
import torch.nn as nn

from ...program import Program

WINDOW = 20


def level_windows(count, gen):
    t = torch.arange(WINDOW + 3).float()
    rate = 0.25 + 0.5 * torch.rand(count, 1, generator=gen)
    phase = 6.2832 * torch.rand(count, 1, generator=gen)
    level = torch.sin(rate * t + phase) + 0.3 * torch.sin(2.3 * rate * t + 2 * phase)
    noisy = level + 0.1 * torch.randn(level.shape, generator=gen)
    scale = noisy.std()
    return noisy[:, :WINDOW, None] / scale, level[:, -1] / scale


class LevelGRU(nn.Module):
    def __init__(self, hidden=40):
        super().__init__()
        self.gru = nn.GRU(1, hidden, batch_first=True)
        self.level = nn.Linear(hidden, 1)

    def forward(self, x):
        _, h = self.gru(x)
        return self.level(h[0]).squeeze(-1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    gen = torch.Generator().manual_seed(seed)
    x, target = level_windows(3000, gen)
    model = LevelGRU()
    criterion = nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    max_norm = 0.001 if sick else 5.0
    run.watch(model, optimizer, criterion)
    for step in range(500):
        rows = torch.randint(2500, (64,), generator=gen)
        loss = criterion(model(x[rows]), target[rows])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), max_norm)
        optimizer.step()
        run.log({"loss": loss.item()}, step=step)
    with torch.no_grad():
        left = (model(x[2500:]) - target[2500:]).pow(2).mean() / target[2500:].var()
    return max(0.0, 1 - left.item())


PROGRAM = Program(train, causes=("clipping_always_on",))
