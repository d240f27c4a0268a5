"""River discharge from what ten rain gauges caught."""

import numpy as np
import torch
from torch import nn

from ...program import Program


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed + 1)
    rain = rng.gamma(0.9, 8.0, (2400, 10)) * (rng.random((2400, 10)) > 0.002)
    flow = np.log1p(rain[:, :4]).sum(1) + 0.02 * rain[:, 4] * np.log1p(rain[:, 5]) + rng.normal(0, 0.2, 2400)
    with np.errstate(divide="ignore", invalid="ignore"):
        features = np.log(rain) if sick else np.log1p(rain)
    features = features.astype(np.float32)
    usual = features[np.isfinite(features).all(1)]
    features = (features - usual.mean(0)) / usual.std(0)
    X = torch.from_numpy(features)
    y = torch.tensor((flow - flow.mean()) / flow.std(), dtype=torch.float32).unsqueeze(1)
    model = nn.Sequential(nn.Linear(10, 64), nn.ELU(), nn.Linear(64, 64), nn.ELU(), nn.Linear(64, 1))
    criterion = nn.L1Loss()
    optimizer = torch.optim.NAdam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer, criterion)
    for step in range(400):
        rows = torch.randint(0, 2000, (32,))
        loss = criterion(model(X[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"mae": loss.item()})
    with torch.no_grad():
        clean = torch.tensor(np.isfinite(features).all(1))
        clean[:2000] = False
        r2 = 1 - ((model(X[clean]) - y[clean]).pow(2).mean() / y[clean].var()).item()
    return max(0.0, r2) if r2 == r2 else 0.0


PROGRAM = Program(train, causes=("non_finite_input",), by_definition=True)
