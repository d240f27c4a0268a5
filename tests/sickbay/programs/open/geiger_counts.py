"""Counts of a Geiger counter; the Poisson likelihood is written out by hand, with a logarithm of a rectified rate."""

import numpy as np
import torch
from torch import nn

from trainvitals.run import Run

from ...program import Program


def train(run: Run, *, sick: bool, seed: int) -> float:
    """Counts depend on distance and shielding."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    z = rng.normal(size=(2000, 4))
    counts = rng.poisson(np.exp(1.0 + 0.8 * z[:, 0] - 0.6 * z[:, 1] + 0.4 * z[:, 2] * z[:, 3]).clip(0, 40))
    x, n = torch.tensor(z).float(), torch.tensor(counts).float()
    net = nn.Sequential(nn.Linear(4, 48), nn.ELU(), nn.Linear(48, 24), nn.ELU(), nn.Linear(24, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    run.watch(net, opt)

    def rate(inputs: torch.Tensor) -> torch.Tensor:
        raw = net(inputs).squeeze(1)
        return torch.relu(raw) if sick else nn.functional.softplus(raw) + 1e-4

    for _ in range(15):
        for rows in torch.randperm(1600).split(50):
            lam = rate(x[rows])
            nll = (lam - n[rows] * torch.log(lam)).mean()
            opt.zero_grad()
            nll.backward()
            opt.step()
            run.log({"nll": nll.item()})
    with torch.no_grad():
        a, b = np.log1p(rate(x[1600:]).numpy()), np.log1p(counts[1600:])
    return float(1 - ((a - b) ** 2).mean() / b.var())


PROGRAM = Program(train, causes=("unstable_loss",), by_definition=True)
