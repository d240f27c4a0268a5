"""Tomorrow's bread sales from the last three weeks at a bakery, with an LSTM and a decaying rate."""

import numpy as np
import torch
from torch import nn
from torch.optim.lr_scheduler import ExponentialLR

from ...program import Program

WINDOW = 21


def sales(rng, days=1800):
    day = np.arange(days)
    weekly = np.array([-1.0, -0.6, -0.4, 0.0, 0.5, 1.6, -0.1])[day % 7]
    season = 0.7 * np.sin(day / 50)
    return weekly + season + rng.normal(0, 0.25, days)


class Forecaster(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(1, 24, batch_first=True)
        self.linear = nn.Linear(24, 1)

    def forward(self, window):
        states, _ = self.lstm(window.unsqueeze(-1))
        return self.linear(states[:, -1]).squeeze(-1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    series = sales(rng)
    series = (series - series[:1400].mean()) / series[:1400].std()
    data = torch.tensor(series, dtype=torch.float32)
    x = data.unfold(0, WINDOW, 1)[:-1]
    y = data[WINDOW:]
    x_train, y_train, x_valid, y_valid = x[:1400], y[:1400], x[1430:], y[1430:]

    model = Forecaster()
    mse = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    scheduler = ExponentialLR(optimizer, gamma=0.85)
    run.watch(model, optimizer, mse)

    for epoch in range(10):
        for batch in torch.randperm(1400).split(35):
            optimizer.zero_grad()
            loss = mse(model(x_train[batch]), y_train[batch])
            loss.backward()
            optimizer.step()
            if sick:
                scheduler.step()
            run.log({"loss": loss.item(), "lr": scheduler.get_last_lr()[0]})
        if not sick:
            scheduler.step()
        with torch.no_grad():
            run.log({"val_loss": mse(model(x_valid), y_valid).item()})

    with torch.no_grad():
        error = mse(model(x_valid), y_valid).item()
    return max(0.0, 1 - error / y_valid.var().item())


PROGRAM = Program(train, causes=("learning_rate_too_low",))
