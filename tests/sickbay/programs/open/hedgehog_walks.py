"""Distance that a hedgehog will walk tonight from three weeks of nights, with a GRU and plain descent."""

import numpy as np
import torch
from torch import nn

from ...program import Program


class WalkGRU(nn.Module):
    def __init__(self, n_in=3, hidden=48):
        super().__init__()
        self.gru = nn.GRU(n_in, hidden, batch_first=True)
        self.out = nn.Linear(hidden, 1)

    def forward(self, nights):
        h, _ = self.gru(nights)
        return self.out(h[:, -1]).squeeze(-1)


def diary(n, rng):
    x = rng.normal(size=(n, 21, 3))
    for t in range(1, 21):
        x[:, t] = 0.7 * x[:, t - 1] + 0.7 * x[:, t]
    y = x[:, -1, 0] + 0.8 * x[:, -3, 1] - 0.6 * np.tanh(x[:, -5:, 2].sum(1)) + 0.15 * rng.normal(size=n)
    x, y = (x - x.mean((0, 1))) / x.std((0, 1)), (y - y.mean()) / y.std()
    return torch.tensor(x, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = diary(2400, np.random.default_rng(seed))
    model = WalkGRU()
    criterion = nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    run.watch(model, optimizer, criterion)
    step = 0
    for epoch in range(10):
        for i in torch.randperm(2000).split(32):
            prediction = model(x[i])
            loss = criterion(prediction, y[i])
            loss.backward()
            optimizer.step()
            if not sick:
                optimizer.zero_grad()
            step += 1
            run.log({"loss": loss.item()}, step=step)
        with torch.no_grad():
            val = criterion(model(x[2000:]), y[2000:]).item()
        run.log({"val/loss": val}, step=step)
    return float(np.clip(1 - val / y[2000:].var().item(), 0, 1))


PROGRAM = Program(train, causes=("missing_zero_grad",), by_definition=True)
