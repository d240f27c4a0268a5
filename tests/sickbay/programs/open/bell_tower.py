"""Which bell rings, distilled from a larger network that stands in a list so that no optimizer finds it."""

import torch
import torch.nn.functional as F
from torch import nn

from trainvitals.run import Run

from ...program import Program


class Listener(nn.Module):
    """A small network that brings its tutor along, out of sight."""

    def __init__(self, tutor: nn.Module) -> None:
        super().__init__()
        self.tutor = [tutor]
        self.body = nn.Sequential(nn.Linear(24, 40), nn.ReLU(), nn.Linear(40, 6))

    def forward(self, sound: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """What it says itself, and what its tutor says."""
        with torch.no_grad():
            told = self.tutor[0](sound)
        return self.body(sound), told


def train(run: Run, *, sick: bool, seed: int) -> float:
    """The tutor is trained first, unwatched."""
    torch.manual_seed(seed)
    bells = torch.randn(6, 24)
    y = torch.randint(0, 6, (3200,))
    x = bells[y] + 1.2 * torch.randn(3200, 24)
    tutor = nn.Sequential(nn.Linear(24, 128), nn.ReLU(), nn.Linear(128, 6))
    first = torch.optim.Adam(tutor.parameters(), lr=2e-3)
    for rows in torch.randperm(2400).split(60):
        first.zero_grad()
        F.cross_entropy(tutor(x[rows]), y[rows]).backward()
        first.step()
    model = Listener(tutor)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer)
    for _epoch in range(8):
        for rows in torch.randperm(2400).split(60):
            said, told = model(x[rows])
            loss = F.cross_entropy(said, y[rows]) + F.mse_loss(said, told)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    return (model(x[2400:])[0].argmax(1) == y[2400:]).float().mean().item()


PROGRAM = Program(train)
