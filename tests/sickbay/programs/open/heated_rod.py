"""The temperature along a rod, from its equation; the points where it must hold are kept as a plain tensor."""

import torch
from torch import nn

from trainvitals.run import Run

from ...program import Program


class Rod(nn.Module):
    """Zero at both ends by construction; it knows its own points, which it is differentiated at."""

    def __init__(self) -> None:
        super().__init__()
        self.points = torch.linspace(0, 1, 81)[:, None].requires_grad_()
        self.body = nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))

    def forward(self, where: torch.Tensor) -> torch.Tensor:
        """The temperature there."""
        return where * (1 - where) * self.body(2 * where - 1)


def train(run: Run, *, sick: bool, seed: int) -> float:
    """The heat is that of a sine, so that the temperature is one as well."""
    torch.manual_seed(seed)
    rod = Rod()
    optimizer = torch.optim.Adam(rod.parameters(), lr=2e-3)
    run.watch(rod, optimizer)
    for _ in range(600):
        points = rod.points
        heat = torch.sin(2 * torch.pi * points.detach())
        warmth = rod(points)
        (slope,) = torch.autograd.grad(warmth.sum(), points, create_graph=True)
        (bend,) = torch.autograd.grad(slope.sum(), points, create_graph=True)
        loss = (bend / (2 * torch.pi) ** 2 + heat).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        where = torch.rand(200, 1)
        return 1 - (rod(where) - torch.sin(2 * torch.pi * where)).square().mean().item()


PROGRAM = Program(train)
