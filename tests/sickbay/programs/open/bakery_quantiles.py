"""How many loaves to bake: nine in ten days should be covered. Quantile regression."""

import numpy as np
import torch
from torch import nn

from ...program import Program


class PinballLoss(nn.Module):
    def __init__(self, quantiles):
        super().__init__()
        self.register_buffer("q", torch.tensor(quantiles))

    def forward(self, output, target):
        e = target.unsqueeze(1) - output
        return torch.maximum(self.q * e, (self.q - 1) * e).mean()


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(3000, 5)).astype("float32")
    spread = 0.3 + 0.5 * np.abs(x[:, 1])
    y = np.sin(2 * x[:, 0]) + 0.5 * x[:, 2] + spread * (rng.gamma(2.0, 1.0, 3000) - 2) / 1.4
    x, y = torch.from_numpy(x), torch.from_numpy(y.astype("float32"))
    net = nn.Sequential(nn.Linear(5, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 3))
    criterion = PinballLoss([0.1, 0.5, 0.9])
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    run.watch(net, optimizer, criterion)
    for step in range(400):
        b = torch.from_numpy(rng.integers(0, 2500, 64))
        loss = criterion(net(x[b]), y[b])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss})
    with torch.no_grad():
        p, base = net(x[2500:]), y[:2500].quantile(torch.tensor([0.1, 0.5, 0.9])).expand(500, 3)
        return 1 - (criterion(p, y[2500:]) / criterion(base, y[2500:])).item()


PROGRAM = Program(train)
