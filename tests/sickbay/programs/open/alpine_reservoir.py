"""Next week's water in an alpine reservoir, in thousands of cubic metres, from forty days of weather."""

import torch
from torch import nn

from ...program import Program


class Forecaster(nn.Module):
    def __init__(self, features=3, hidden=40):
        super().__init__()
        self.rnn = nn.LSTM(features, hidden, batch_first=True)
        self.dense = nn.Sequential(nn.Linear(hidden, 24), nn.ReLU(), nn.Linear(24, 1))

    def forward(self, weather):
        _, (h, _) = self.rnn(weather)
        return self.dense(h[-1])[:, 0]


def seasons(n, days=40):
    warmth, rain, wind = (0.6 * torch.randn(n, days) + torch.randn(n, 1) for _ in range(3))
    water = torch.zeros(n)
    for day in range(days):
        water = 0.93 * water + 0.5 * torch.relu(rain[:, day]) + 0.4 * warmth[:, day] - 0.1 * wind[:, day]
    volume = 41000 + 2600 * (water - water.mean()) + 400 * torch.randn(n)
    return torch.stack([warmth, rain, wind], 2) / 1.17, volume


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, volume = seasons(3000)
    fit, rest = slice(0, 2560), slice(2560, 3000)
    mean, std = volume[fit].mean(), volume[fit].std()
    y = volume if sick else (volume - mean) / std
    net = Forecaster()
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    mse = nn.MSELoss()
    run.watch(net, optimizer, mse)
    for epoch in range(10):
        order = torch.randperm(2560)
        for start in range(0, 2560, 64):
            rows = order[start : start + 64]
            loss = mse(net(x[fit][rows]), y[fit][rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            val = mse(net(x[rest]), y[rest]).item()
        run.log({"val_loss": val})
    return max(0.0, 1 - val / y[rest].var().item())


PROGRAM = Program(train, causes=("target_not_scaled",))
