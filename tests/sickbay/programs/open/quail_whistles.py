"""Which of four calls a quail gives, from the pitch track of one whistle, with a GRU."""

import numpy as np
import torch
from torch import nn

from ...program import Program


def whistles(rng, n, length=24):
    calls = rng.integers(0, 4, n)
    t = np.linspace(0, 1, length)
    shapes = np.stack([t, 1 - t, 4 * t * (1 - t), np.abs(2 * t - 1)])
    pitch = shapes[calls] * rng.uniform(0.6, 1.4, (n, 1)) + rng.normal(0, 0.25, (n, length))
    loud = rng.normal(0, 1, (n, length))
    pitch = (pitch - pitch.mean()) / pitch.std()
    return torch.tensor(np.stack([pitch, loud], -1), dtype=torch.float32), torch.tensor(calls)


class CallReader(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.gru = nn.GRU(2, hidden, batch_first=True)
        self.fc = nn.Linear(hidden, 4)

    def forward(self, x):
        _, h = self.gru(x)
        return self.fc(h[-1])


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    x, y = whistles(rng, 1600)
    x_test, y_test = whistles(rng, 500)

    model = CallReader()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    run.watch(model, optimizer, criterion)

    for epoch in range(8):
        order = torch.randperm(len(x))
        for start in range(0, len(x), 40):
            rows = order[start : start + 40]
            if not sick:
                optimizer.zero_grad()
            loss = criterion(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})

    with torch.no_grad():
        return (model(x_test).argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("missing_zero_grad",), by_definition=True)
