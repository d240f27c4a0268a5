"""A masked autoencoder on digits: half of the pixels are hidden, and only those count."""

import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn

from trainvitals.run import Run

from ...program import Program


class Inpainter(nn.Module):
    """Pixels and mask in, pixels out."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(128, 192), nn.GELU(), nn.LayerNorm(192), nn.Linear(192, 96), nn.GELU())
        self.out = nn.Linear(96, 64)

    def forward(self, image: Tensor, seen: Tensor) -> dict[str, Tensor]:
        """Its loss and its guess."""
        guess = self.out(self.net(torch.cat([image * seen, seen], 1)))
        hidden = 1 - seen
        return {"loss": ((guess - image) ** 2 * hidden).sum() / hidden.sum(), "guess": guess}


def train(run: Run, *, sick: bool, seed: int) -> float:
    """A new mask at each step; the share of explained variance among hidden pixels."""
    torch.manual_seed(seed)
    x = torch.tensor(load_digits().data).float() / 8 - 0.61
    x = x[torch.randperm(len(x))]
    model = Inpainter()
    optimizer = torch.optim.Adam(model.parameters(), lr=1.5e-3)
    run.watch(model, optimizer)
    for _ in range(450):
        batch = x[torch.randint(0, 1500, (64,))]
        out = model(batch, (torch.rand_like(batch) > 0.5).float())
        optimizer.zero_grad()
        out["loss"].backward()
        optimizer.step()
        run.log({"loss": out["loss"].item()})
    rest = x[1500:]
    with torch.no_grad():
        loss = model(rest, (torch.rand_like(rest) > 0.5).float())["loss"]
    return 1 - (loss / (rest - x[:1500].mean(0)).square().mean()).item()


PROGRAM = Program(train)
