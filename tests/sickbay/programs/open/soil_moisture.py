"""Soil class from a spectrum; somebody read that Adam forgives any rate."""

import torch
from torch import nn

from trainvitals.run import Run

from ...program import Program


def spectra(n: int, g: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Five soils, each a bump at its own place on thirty bands."""
    soil = torch.randint(0, 5, (n,), generator=g)
    bands = torch.linspace(0, 1, 30)
    place = 0.2 + 0.15 * soil[:, None] + 0.05 * torch.randn(n, 1, generator=g)
    x = torch.exp(-((bands - place) ** 2) / 0.01) + 0.3 * torch.randn(n, 30, generator=g)
    return (x - x.mean()) / x.std(), soil


def train(run: Run, *, sick: bool, seed: int) -> float:
    """Three hidden layers and a batch norm nowhere."""
    g = torch.Generator().manual_seed(seed + 11)
    torch.manual_seed(seed)
    x, y = spectra(2500, g)
    xv, yv = spectra(600, g)
    model = nn.Sequential(
        nn.Linear(30, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 5)
    )
    loss_fn = nn.CrossEntropyLoss()
    optim = torch.optim.Adam(model.parameters(), lr=0.3 if sick else 0.002)
    run.watch(model, optim, criterion=loss_fn)
    for _ in range(400):
        pick = torch.randint(0, len(x), (64,))
        optim.zero_grad(set_to_none=True)
        loss = loss_fn(model(x[pick]), y[pick])
        loss.backward()
        optim.step()
        run.log({"train/loss": loss.detach()})
    model.eval()
    with torch.no_grad():
        return (model(xv).argmax(-1) == yv).float().mean().item()


PROGRAM = Program(train, causes=("learning_rate_too_high",))
