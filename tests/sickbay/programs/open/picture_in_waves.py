"""One small picture as a function of its coordinates, by sine layers with their own initialisation."""

import math

import torch
from torch import Tensor, nn

from trainvitals.run import Run

from ...program import Program


class Wave(nn.Module):
    """sin(w0 (W x + b))."""

    def __init__(self, n_in: int, n_out: int, first: bool = False) -> None:
        super().__init__()
        self.linear = nn.Linear(n_in, n_out)
        bound = 1 / n_in if first else math.sqrt(6 / n_in) / 12
        nn.init.uniform_(self.linear.weight, -bound, bound)

    def forward(self, x: Tensor) -> Tensor:
        """Between -1 and 1."""
        return torch.sin(12 * self.linear(x))


def train(run: Run, *, sick: bool, seed: int) -> float:
    """Scored on the places between the pixels."""
    torch.manual_seed(seed)

    def picture(xy: Tensor) -> Tensor:
        ring = torch.sin(6 * xy.square().sum(1, keepdim=True))
        return ring + torch.where(xy[:, :1] + xy[:, 1:] > 0, 0.7, -0.7) * torch.cos(3 * xy[:, :1])

    axis = torch.linspace(-1, 1, 40)
    grid = torch.cartesian_prod(axis, axis)
    colour = picture(grid)
    model = nn.Sequential(Wave(2, 48, first=True), Wave(48, 48), nn.Linear(48, 1))
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, opt)
    for i in range(400):
        rows = torch.randint(0, 1600, (256,))
        loss = (model(grid[rows]) - colour[rows]).pow(2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        run.log({"loss": loss, "psnr": -10 * math.log10(loss.item() + 1e-9), "i": i})
    between = grid[:-41] + (axis[1] - axis[0]) / 2
    with torch.no_grad():
        return 1 - ((model(between) - picture(between)).square().mean() / picture(between).var()).item()


PROGRAM = Program(train)
