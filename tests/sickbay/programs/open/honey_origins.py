"""Where honey comes from, fourteen valleys; somebody narrowed the middle of the network to one unit for a plot."""

import torch
import torch.nn.functional as F
from torch import nn

from trainvitals.run import Run

from ...program import Program


def train(run: Run, *, sick: bool, seed: int) -> float:
    """Valleys lie anywhere in eight dimensions."""
    torch.manual_seed(seed)
    valleys = torch.randn(14, 8) * 1.6
    y = torch.randint(0, 14, (4000,))
    x = valleys[y] + torch.randn(4000, 8)
    x = (x - x.mean(0)) / x.std(0)
    middle = 1 if sick else 24
    model = nn.Sequential(nn.Linear(8, 48), nn.GELU(), nn.Linear(48, middle), nn.GELU(), nn.Linear(middle, 14))
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    run.watch(model, optimizer)
    for _epoch in range(9):
        for rows in torch.randperm(3400).split(64):
            loss = F.cross_entropy(model(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"train/loss": loss.item()})
    return (model(x[3400:]).argmax(1) == y[3400:]).float().mean().item()


PROGRAM = Program(train, causes=("capacity_too_small",))
