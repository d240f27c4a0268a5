"""The energy of a little molecule from its distances; an atom's distance to itself goes through a bare square root."""

import torch
from torch import Tensor, nn

from trainvitals.run import Run

from ...program import Program


class Distances(nn.Module):
    """All pairs of points after a learned stretching of space."""

    def __init__(self, eps: float) -> None:
        super().__init__()
        self.stretch = nn.Linear(3, 3, bias=False)
        nn.init.eye_(self.stretch.weight)
        self.eps = eps

    def forward(self, atoms: Tensor) -> Tensor:
        """Shape (batch, 25)."""
        p = self.stretch(atoms)
        gap = p[:, :, None] - p[:, None]
        return torch.sqrt((gap**2).sum(-1) + self.eps).flatten(1)


def train(run: Run, *, sick: bool, seed: int) -> float:
    """Five atoms."""
    torch.manual_seed(seed)
    atoms = torch.randn(2200, 5, 3) * torch.tensor([1.0, 1.0, 0.7])
    energy = torch.exp(-torch.cdist(atoms, atoms)).sum((1, 2))
    energy = ((energy - energy.mean()) / energy.std())[:, None]
    model = nn.Sequential(Distances(0.0 if sick else 1e-6), nn.Linear(25, 64), nn.SiLU(), nn.Linear(64, 1))
    criterion = nn.SmoothL1Loss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    run.watch(model, optimizer, criterion)
    for step in range(400):
        rows = torch.randint(0, 1800, (64,))
        loss = criterion(model(atoms[rows]), energy[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 2 == 0:
            run.log({"loss": loss.item()})
    with torch.no_grad():
        return 1 - ((model(atoms[1800:]) - energy[1800:]).square().mean() / energy[1800:].var()).item()


PROGRAM = Program(train, causes=("unstable_layer",), by_definition=True)
