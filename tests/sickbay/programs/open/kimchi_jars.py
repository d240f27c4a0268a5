"""An LSTM reads two days of cellar temperatures and tells how sour the kimchi became."""

import numpy as np
import torch
from torch import nn

from ...program import Program


def jars(rng, n, hours=24):
    base = rng.uniform(4, 22, (n, 1))
    temp = base + 3 * np.sin(np.arange(hours) / 4 + rng.uniform(0, 6, (n, 1))) + rng.standard_normal((n, hours))
    salt = rng.uniform(1.5, 3.5, (n, 1))
    rate = np.exp((temp - 13) / 8) / salt
    acid = np.log(rate.sum(1)) + 0.05 * rng.standard_normal(n)
    x = np.stack([temp, np.repeat(salt, hours, 1)], -1)
    return x.astype(np.float32), acid.astype(np.float32)


class SourLSTM(nn.Module):
    def __init__(self, hidden=40):
        super().__init__()
        self.lstm = nn.LSTM(2, hidden, batch_first=True)
        self.linear = nn.Linear(hidden, 1)

    def forward(self, x):
        out, _ = self.lstm(x)
        return self.linear(out[:, -1, :]).squeeze(-1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed + 50)
    x, y = jars(rng, 2000)
    x_test, y_test = jars(rng, 300)
    mu, sd = x.mean((0, 1)), x.std((0, 1))
    x, x_test = torch.from_numpy((x - mu) / sd), torch.from_numpy((x_test - mu) / sd)
    m, s = y.mean(), y.std()
    y, y_test = torch.from_numpy((y - m) / s), torch.from_numpy((y_test - m) / s)

    net = SourLSTM()
    mse = nn.MSELoss()
    learning_rate = 1e-6 if sick else 3e-3
    opt = torch.optim.Adam(net.parameters(), lr=learning_rate)
    run.watch(net, opt, mse)
    for epoch in range(12):
        order = torch.randperm(len(x))
        for part in order.split(40):
            opt.zero_grad()
            loss = mse(net(x[part]), y[part])
            loss.backward()
            opt.step()
            run.log({"train_loss": loss.item()})
        with torch.no_grad():
            val = mse(net(x_test), y_test).item()
        run.log({"val_loss": val})
    return float(np.clip(1 - val / y_test.var().item(), 0, 1))


PROGRAM = Program(train, causes=("learning_rate_too_low",))
