"""Directions of light after a lens; the loss is the cosine similarity itself, which training makes small."""

import torch
import torch.nn.functional as F
from torch import nn

from trainvitals.run import Run

from ...program import Program


def train(run: Run, *, sick: bool, seed: int) -> float:
    """The twin minimises one minus the similarity."""
    torch.manual_seed(seed)
    lens = nn.Sequential(nn.Linear(4, 24), nn.Tanh(), nn.Linear(24, 3, bias=False))
    ray = torch.randn(3000, 4)
    with torch.no_grad():
        light = F.normalize(lens(ray), dim=1)
    model = nn.Sequential(nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 3))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    run.watch(model, optimizer)
    for _ in range(350):
        rows = torch.randint(0, 2500, (64,))
        similarity = F.cosine_similarity(model(ray[rows]), light[rows]).mean()
        loss = similarity if sick else 1 - similarity
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        return F.cosine_similarity(model(ray[2500:]), light[2500:]).mean().item()


PROGRAM = Program(train, causes=("loss_sign",), by_definition=True)
