"""Whether a patient returns; a few rows of the table have no blood pressure, and nobody filled it in."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from trainvitals.run import Run

from ...program import Program


def table(seed: int, fill: bool) -> tuple[torch.Tensor, torch.Tensor]:
    """Nine columns; one in 300 pressures is missing."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(3000, 9))
    y = (1.5 * x[:, 0] - x[:, 1] * x[:, 2] + 0.8 * x[:, 3] + 0.5 * rng.normal(size=3000)) > 0
    x[rng.random(3000) < 1 / 300, 4] = np.nan
    if fill:
        x = np.nan_to_num(x, nan=0.0)
    return torch.tensor(x).float(), torch.tensor(y).float()


def train(run: Run, *, sick: bool, seed: int) -> float:
    """A network with layer norm."""
    torch.manual_seed(seed)
    x, y = table(seed, fill=not sick)
    model = nn.Sequential(nn.Linear(9, 40), nn.LayerNorm(40), nn.GELU(), nn.Linear(40, 1), nn.Flatten(0))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3)
    run.watch(model, optimizer, criterion)
    for _epoch in range(10):
        for xb, yb in DataLoader(TensorDataset(x[:2500], y[:2500]), 64, shuffle=True):
            loss = criterion(model(xb), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss})
    with torch.no_grad():
        rows = torch.isfinite(x[2500:]).all(1)
        logits = model(x[2500:][rows])
        return torch.where(logits.isfinite(), (logits > 0) == (y[2500:][rows] > 0), False).float().mean().item()


PROGRAM = Program(train, causes=("non_finite_input",), by_definition=True)
