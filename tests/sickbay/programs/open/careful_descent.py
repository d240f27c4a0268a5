"""Sharpness-aware minimisation: up to the worst place nearby, its gradient, back, and down; two passes a step."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

from trainvitals.run import Run

from ...program import Program


def train(run: Run, *, sick: bool, seed: int) -> float:
    """Digits by a perceptron."""
    torch.manual_seed(seed)
    pixels, labels = load_digits(return_X_y=True)
    order = torch.randperm(len(pixels))
    x, y = (torch.tensor(pixels).float()[order] - 4.9) / 6, torch.tensor(labels)[order]
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    base = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    run.watch(model, base)
    for _ in range(300):
        rows = torch.randint(0, 1400, (48,))
        loss = F.cross_entropy(model(x[rows]), y[rows])
        loss.backward()
        with torch.no_grad():
            norm = torch.stack([p.grad.norm() for p in model.parameters()]).norm()
            climbs = [0.05 * p.grad / (norm + 1e-12) for p in model.parameters()]
            for p, e in zip(model.parameters(), climbs, strict=True):
                p.add_(e)
        base.zero_grad()
        F.cross_entropy(model(x[rows]), y[rows]).backward()
        with torch.no_grad():
            for p, e in zip(model.parameters(), climbs, strict=True):
                p.sub_(e)
        base.step()
        base.zero_grad()
        run.log({"loss": loss.item()})
    return (model(x[1400:]).argmax(1) == y[1400:]).float().mean().item()


PROGRAM = Program(train)
