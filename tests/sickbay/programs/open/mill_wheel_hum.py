"""Names the pace of a mill wheel from its hum: a recurrent cell written out by hand, over frames of the signal."""

import torch
from torch import nn

from ...program import Program

FRAMES, FRAME = 12, 8


def hum(n, g):
    pace = torch.randint(4, (n,), generator=g)
    turns = torch.tensor([0.25, 0.45, 0.8, 1.3])[pace].unsqueeze(1)
    turns = turns * (1 + 0.06 * torch.randn(n, 1, generator=g))
    phase = 6.2832 * torch.rand(n, 1, generator=g)
    t = torch.arange(FRAMES * FRAME).float()
    wave = torch.sin(turns * t + phase) * 1.4 + 0.4 * torch.randn(n, len(t), generator=g)
    return wave.view(n, FRAMES, FRAME), pace


class HumRNN(nn.Module):
    def __init__(self, hidden, linear_cell):
        super().__init__()
        self.hidden = hidden
        self.i2h = nn.Linear(FRAME, hidden)
        self.h2h = nn.Linear(hidden, hidden)
        self.h2o = nn.Linear(hidden, 4)
        self.linear_cell = linear_cell

    def forward(self, x):
        h = torch.zeros(len(x), self.hidden)
        total = 0
        for t in range(x.shape[1]):
            h = self.i2h(x[:, t]) + self.h2h(h)
            if not self.linear_cell:
                h = torch.tanh(h)
            total = total + h
        return self.h2o(total / x.shape[1])


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, pace = hum(3000, g)
    x_test, pace_test = hum(600, g)

    rnn = HumRNN(64, linear_cell=sick)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(rnn.parameters(), lr=3e-3)
    run.watch(rnn, optimizer, criterion)

    for step in range(500):
        pick = torch.randint(len(x), (48,))
        optimizer.zero_grad()
        loss = criterion(rnn(x[pick]), pace[pick])
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})

    with torch.no_grad():
        return (rnn(x_test).argmax(1) == pace_test).float().mean().item()


PROGRAM = Program(train, causes=("missing_nonlinearity",))
