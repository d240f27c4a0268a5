"""The inverse of a function with three answers, by a mixture density network with its own logsumexp."""

import math

import torch
from torch import Tensor, nn

from trainvitals.run import Run

from ...program import Program


class Mixture(nn.Module):
    """Six Gaussians."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(1, 48), nn.Tanh(), nn.Linear(48, 48), nn.Tanh())
        self.heads = nn.Linear(48, 18)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Log weights, means, log deviations."""
        pi, mu, log_sigma = self.heads(self.trunk(x)).chunk(3, 1)
        return pi.log_softmax(1), mu, log_sigma.clamp(-5, 3)


def log_likelihood(model: Mixture, x: Tensor, y: Tensor) -> Tensor:
    """The mean over the points."""
    log_pi, mu, log_sigma = model(x)
    each = log_pi - 0.5 * ((y - mu) / log_sigma.exp()) ** 2 - log_sigma - 0.5 * math.log(2 * math.pi)
    return torch.logsumexp(each, 1).mean()


def arm(n: int) -> tuple[Tensor, Tensor]:
    """The angle is drawn, the reach follows, and the question is turned around."""
    y = torch.rand(n, 1) * 2 - 1
    x = y + 0.45 * torch.sin(2 * math.pi * y) + 0.05 * torch.randn(n, 1)
    return x * 1.5, y * 1.5


def train(run: Run, *, sick: bool, seed: int) -> float:
    """The likelihood may be positive: the loss goes below zero, and should."""
    torch.manual_seed(seed)
    model = Mixture()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    run.watch(model, optimizer)
    for _ in range(550):
        loss = -log_likelihood(model, *arm(128))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss})
    with torch.no_grad():
        gain = log_likelihood(model, *arm(2000)).item() + math.log(3.0)
    return 1 - math.exp(-max(gain, 0.0))


PROGRAM = Program(train)
