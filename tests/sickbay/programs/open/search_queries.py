"""Queries and pages in two towers, each pair against all others of its batch."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from trainvitals.run import Run

from ...program import Program


class Towers(nn.Module):
    """Two encoders and a learned temperature."""

    def __init__(self) -> None:
        super().__init__()
        self.query = nn.Sequential(nn.Linear(20, 64), nn.GELU(), nn.Linear(64, 16))
        self.page = nn.Sequential(nn.Linear(30, 64), nn.GELU(), nn.Linear(64, 16))
        self.log_scale = nn.Parameter(torch.tensor(2.0))

    def forward(self, q: Tensor, p: Tensor) -> Tensor:
        """All similarities."""
        return F.normalize(self.query(q), dim=1) @ F.normalize(self.page(p), dim=1).T * self.log_scale.exp()


def train(run: Run, *, sick: bool, seed: int) -> float:
    """Both views share eight hidden numbers."""
    torch.manual_seed(seed)
    to_q, to_p = torch.randn(8, 20) / 8**0.5, torch.randn(8, 30) / 8**0.5

    def pairs(n: int) -> tuple[Tensor, Tensor]:
        z = torch.randn(n, 8)
        return z @ to_q + 0.2 * torch.randn(n, 20), torch.tanh(z @ to_p) + 0.2 * torch.randn(n, 30)

    towers = Towers()
    opt = torch.optim.AdamW(towers.parameters(), lr=2e-3)
    run.watch(towers, opt)
    index = torch.arange(64)
    for _ in range(400):
        scores = towers(*pairs(64))
        loss = (F.cross_entropy(scores, index) + F.cross_entropy(scores.T, index)) / 2
        opt.zero_grad()
        loss.backward()
        opt.step()
        run.log({"info_nce": loss.item(), "scale": towers.log_scale.exp().item()})
    with torch.no_grad():
        return (towers(*pairs(64)).argmax(1) == index).float().mean().item()


PROGRAM = Program(train)
