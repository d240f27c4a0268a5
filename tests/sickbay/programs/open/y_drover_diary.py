"""An LSTM forecasts the next day's distance of a drover from the last sixteen days."""

import numpy as np
import torch
from torch import nn

from ...program import Program


class Forecaster(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(1, 40, batch_first=True)
        self.head = nn.Linear(40, 1)

    def forward(self, window):
        out, (h, c) = self.lstm(window)
        return self.head(h[-1]).squeeze(-1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    days = np.arange(2600)
    km = np.sin(days / 3.0) + 0.6 * np.sin(days / 7.0 + 1) + rng.normal(scale=0.15, size=len(days))
    km = (km - km[:2000].mean()) / km[:2000].std()
    windows = np.lib.stride_tricks.sliding_window_view(km, 17).astype("float32")
    windows = torch.from_numpy(windows.copy())
    train_set, test_set = windows[:2000], windows[2020:]

    model = Forecaster()
    mse = nn.MSELoss()
    opt = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    run.watch(model, opt, mse)
    for step in range(500):
        rows = train_set[torch.randint(0, len(train_set), (32,))]
        pred = model(rows[:, :16, None])
        loss = mse(pred, rows[:, 16])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), max_norm=1e-3 if sick else 4.0)
        opt.step()
        if step % 2 == 0:
            run.log({"mse": loss.item()}, step=step)
    with torch.no_grad():
        left = mse(model(test_set[:, :16, None]), test_set[:, 16])
    return float((1 - left / test_set[:, 16].var()).clamp(0, 1))


PROGRAM = Program(train, causes=("clipping_always_on",))
