"""A hand-made recurrence adds echoes over thirty steps; its matrix began at normal(0, 1) times two fifths."""

import torch
from torch import Tensor, nn

from trainvitals.run import Run

from ...program import Program


class Recurrence(nn.Module):
    """h <- relu(W h + U x), read out at the end."""

    def __init__(self, scale: float) -> None:
        super().__init__()
        self.W = nn.Parameter(torch.randn(32, 32) * scale if scale else 0.9 * torch.eye(32))
        self.inp = nn.Linear(1, 32)
        self.out = nn.Linear(32, 1)

    def forward(self, x: Tensor) -> Tensor:
        """x: batch, time."""
        h = x.new_zeros(len(x), 32)
        for t in range(x.shape[1]):
            h = torch.relu(h @ self.W + self.inp(x[:, t : t + 1]))
        return self.out(h).squeeze(-1)


def echoes(n: int) -> tuple[Tensor, Tensor]:
    """The standardised sum of thirty numbers."""
    x = torch.rand(n, 30) - 0.3
    return x, (x.sum(1) - 6.0) / 1.58


def train(run: Run, *, sick: bool, seed: int) -> float:
    """Clipped in the twin, which begins near the identity."""
    torch.manual_seed(seed)
    model, loss_fn = Recurrence(0.4 if sick else 0.0), nn.MSELoss()
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, opt, loss_fn)
    for _ in range(300):
        x, y = echoes(32)
        loss = loss_fn(model(x), y)
        opt.zero_grad()
        loss.backward()
        if not sick:
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        x, y = echoes(500)
        return 1 - ((model(x) - y).square().mean() / y.var()).item()


PROGRAM = Program(train, causes=("exploding_gradient", "bad_initialisation", "exploding_activation"))
