"""The next temperatures in a greenhouse by an LSTM on sliding windows; early stopping keeps the best weights."""

import copy

import numpy as np
import torch
from torch import Tensor, nn

from trainvitals.run import Run

from ...program import Program


class Forecaster(nn.Module):
    """Two numbers an hour, three hours ahead."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(2, 24, batch_first=True)
        self.ahead = nn.Linear(24, 3)

    def forward(self, window: Tensor) -> Tensor:
        """The last state tells."""
        return self.ahead(self.lstm(window)[0][:, -1])


def train(run: Run, *, sick: bool, seed: int) -> float:
    """A daily wave, weather that drifts, and noise."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    t = np.arange(1500)
    drift = np.convolve(rng.normal(size=1500), np.ones(30) / 5.5, mode="same")
    heat = 1.2 * np.sin(t / 24 * 2 * np.pi) + drift + 0.15 * rng.normal(size=1500)
    series = torch.tensor((heat - heat.mean()) / heat.std()).float()
    both = torch.stack([series, torch.tensor(np.cos(t / 24 * 2 * np.pi)).float()], 1)
    x = both.unfold(0, 18, 1)[:-3].transpose(1, 2)
    y = torch.stack([series[18 + k : len(series) - 2 + k] for k in range(3)], 1)[: len(x)]
    model, criterion = Forecaster(), nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    run.watch(model, optimizer, criterion)
    best, kept = float("inf"), copy.deepcopy(model.state_dict())
    for _epoch in range(15):
        for rows in torch.randperm(1000).split(40):
            optimizer.zero_grad()
            loss = criterion(model(x[rows]), y[rows])
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            val = criterion(model(x[1020:1220]), y[1020:1220]).item()
        run.log({"val_loss": val})
        if val < best:
            best, kept = val, copy.deepcopy(model.state_dict())
    model.load_state_dict(kept)
    with torch.no_grad():
        return 1 - ((model(x[1240:]) - y[1240:]).square().mean() / y[1240:].var()).item()


PROGRAM = Program(train)
