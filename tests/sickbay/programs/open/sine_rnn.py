"""Next value of noisy sine waves by a GRU whose head has a learning rate of its own."""

import math

import torch
from torch import nn, optim

from ...program import Program

SEQ = 25


class SineGRU(nn.Module):
    def __init__(self, hidden=24):
        super().__init__()
        self.rnn = nn.GRU(1, hidden, batch_first=True)
        self.head = nn.Linear(hidden, 1)

    def forward(self, x):
        out, _ = self.rnn(x)
        return self.head(out[:, -1])


def windows(count, generator):
    start = torch.rand(count, 1, generator=generator) * 2 * math.pi
    speed = 0.15 + 0.3 * torch.rand(count, 1, generator=generator)
    t = torch.arange(SEQ + 1).float()
    waves = torch.sin(start + speed * t) + 0.05 * torch.randn(count, SEQ + 1, generator=generator)
    return waves[:, :SEQ].unsqueeze(-1), waves[:, SEQ:]


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed + 100)
    x_val, y_val = windows(300, g)
    model = SineGRU()
    loss_fn = nn.MSELoss()
    # the head was meant to be trained with a higher rate; the list of groups forgot the rnn
    if sick:
        optimizer = optim.Adam([{"params": model.head.parameters(), "lr": 5e-3}])
    else:
        optimizer = optim.Adam(
            [{"params": model.rnn.parameters()}, {"params": model.head.parameters(), "lr": 5e-3}], lr=4e-3
        )
    run.watch(model, optimizer, loss_fn)
    for it in range(260):
        x, y = windows(32, g)
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if it % 10 == 0:
            run.log({"loss": loss})
    with torch.no_grad():
        return 1 - ((model(x_val) - y_val).pow(2).mean() / y_val.var()).item()


PROGRAM = Program(train, causes=("not_in_optimizer",), by_definition=True)
