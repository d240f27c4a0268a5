"""Ages of oysters from their shells; layers written by hand, as in the lecture notes."""

import numpy as np
import torch
from torch import nn

from ...program import Program


class Dense(nn.Module):
    def __init__(self, n_in, n_out, rng, scaled):
        super().__init__()
        w = rng.standard_normal((n_in, n_out)).astype(np.float32)
        if scaled:
            w /= np.sqrt(n_in)
        self.W = nn.Parameter(torch.from_numpy(w))
        self.b = nn.Parameter(torch.zeros(n_out))

    def forward(self, x):
        return x @ self.W + self.b


class ShellNet(nn.Module):
    def __init__(self, rng, scaled):
        super().__init__()
        self.one = Dense(10, 128, rng, scaled)
        self.two = Dense(128, 128, rng, scaled)
        self.three = Dense(128, 64, rng, scaled)
        self.last = nn.Linear(64, 1)

    def forward(self, x):
        return self.last(torch.tanh(self.three(torch.tanh(self.two(torch.tanh(self.one(x)))))))


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((2400, 10)).astype(np.float32)
    w = np.random.default_rng(1).standard_normal(10) / 3
    age = np.sin(x @ w) + 0.4 * x[:, 0] + 0.1 * rng.standard_normal(2400)
    x, y = torch.from_numpy(x), torch.tensor(age, dtype=torch.float32)[:, None]
    net = ShellNet(rng, scaled=not sick)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
    criterion = nn.MSELoss()
    run.watch(net, optimizer, criterion)
    for epoch in range(10):
        for i in torch.randperm(2000).split(50):
            optimizer.zero_grad()
            loss = criterion(net(x[i]), y[i])
            loss.backward()
            optimizer.step()
            run.log({"train_loss": loss.item()})
    with torch.no_grad():
        return 1 - criterion(net(x[2000:]), y[2000:]).item() / y[2000:].var().item()


PROGRAM = Program(train, causes=("saturated_units", "bad_initialisation"))
