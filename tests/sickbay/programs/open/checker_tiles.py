"""Black or white tile from its place; three linear layers in a row, the activations were never called."""

import torch
from torch import Tensor, nn

from trainvitals.run import Run

from ...program import Program


class Tiles(nn.Module):
    """Coordinates in, a logit out."""

    def __init__(self, bent: bool) -> None:
        super().__init__()
        self.a, self.b, self.c = nn.Linear(2, 64), nn.Linear(64, 64), nn.Linear(64, 1)
        self.bent = bent

    def forward(self, xy: Tensor) -> Tensor:
        """One logit a tile."""
        if self.bent:
            return self.c(torch.relu(self.b(torch.relu(self.a(xy))))).squeeze(-1)
        return self.c(self.b(self.a(xy))).squeeze(-1)


def train(run: Run, *, sick: bool, seed: int) -> float:
    """A checkerboard of three by three."""
    torch.manual_seed(seed)
    xy = torch.rand(5000, 2) * 3
    white = (xy.floor().sum(1) % 2).float()
    xy = (xy - 1.5) / 0.87
    model, bce = Tiles(not sick), nn.BCEWithLogitsLoss()
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    run.watch(model, opt, criterion=bce)
    for _ in range(450):
        rows = torch.randint(0, 4000, (100,))
        opt.zero_grad()
        loss = bce(model(xy[rows]), white[rows])
        loss.backward()
        opt.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        return ((model(xy[4000:]) > 0).float() == white[4000:]).float().mean().item()


PROGRAM = Program(train, causes=("missing_nonlinearity",), by_definition=True)
