"""How many times did the bell ring? A plain tanh RNN counts from noisy loudness, clipped at the start."""

import torch
from torch import nn

from ...program import Program


def recordings(n, gen, t=40):
    count = torch.randint(0, 9, (n,), generator=gen)
    x = 0.15 * torch.randn(n, t, 1, generator=gen)
    for k in range(n):
        x[k, torch.randperm(t, generator=gen)[: count[k]], 0] += 1.0
    return (x - 0.1) / 0.34, (count.float() - 4) / 2.6


class Counter(nn.Module):
    def __init__(self, hidden=64):
        super().__init__()
        self.rnn = nn.RNN(1, hidden, batch_first=True)
        nn.init.orthogonal_(self.rnn.weight_hh_l0, gain=1.3)
        self.out = nn.Linear(hidden, 1)

    def forward(self, x):
        states, _ = self.rnn(x)
        return self.out(states[:, -1])[:, 0]


def train(run, *, sick, seed):
    gen = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    x, y = recordings(2500, gen)
    x_test, y_test = recordings(400, gen)
    model = Counter()
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer)
    for step in range(450):
        idx = torch.randint(0, 2500, (50,), generator=gen)
        optimizer.zero_grad()
        loss = criterion(model(x[idx]), y[idx])
        loss.backward()
        norm = nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        run.log({"loss": loss.item(), "grad_norm": norm.item()})
    with torch.no_grad():
        return float((1 - criterion(model(x_test), y_test) / y_test.var()).clamp(0, 1))


PROGRAM = Program(train)
