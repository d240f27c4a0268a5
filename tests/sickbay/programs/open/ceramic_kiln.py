"""Whether a glaze cracks, from kiln readings in the units of the instruments: kelvin, pascal, grams."""

import numpy as np
import torch
from torch import nn

from trainvitals.run import Run

from ...program import Program


def train(run: Run, *, sick: bool, seed: int) -> float:
    """Readings as they are, or standardised."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    z = rng.normal(size=(1800, 5))
    cracks = (z[:, 0] * z[:, 1] + z[:, 2] - 0.7 * z[:, 3] + 0.3 * rng.normal(size=1800) > 0).astype(np.float32)
    readings = z * np.array([85.0, 900.0, 0.02, 14.0, 240.0]) + np.array([1450.0, 101300.0, 0.3, 60.0, 3100.0])
    if not sick:
        readings = (readings - readings[:1400].mean(0)) / readings[:1400].std(0)
    x, y = torch.tensor(readings, dtype=torch.float32), torch.tensor(cracks)
    model = nn.Sequential(nn.Linear(5, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))
    bce = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    run.watch(model, optimizer, bce)
    for _epoch in range(18):
        losses = []
        for rows in torch.randperm(1400).split(64):
            loss = bce(model(x[rows]).squeeze(1), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            run.log({"loss": losses[-1]})
    model.eval()
    return ((model(x[1400:]).squeeze(1) > 0).float() == y[1400:]).float().mean().item()


PROGRAM = Program(train, causes=("input_not_normalised",))
