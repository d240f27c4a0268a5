"""Grades one to six as an ordered scale: one score, five learned thresholds, cumulative logits."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from trainvitals.run import Run

from ...program import Program


class Ordinal(nn.Module):
    """How likely the grade is above each threshold."""

    def __init__(self) -> None:
        super().__init__()
        self.score = nn.Sequential(nn.Linear(9, 32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 1, bias=False))
        self.first = nn.Parameter(torch.tensor(-1.5))
        self.gaps = nn.Parameter(torch.zeros(4))

    def forward(self, x: Tensor) -> Tensor:
        """Five logits."""
        cuts = torch.cat([self.first[None], self.first + F.softplus(self.gaps).cumsum(0)])
        return self.score(x) - cuts


def train(run: Run, *, sick: bool, seed: int) -> float:
    """A grade next to the right one counts half."""
    torch.manual_seed(seed)
    x = torch.randn(3000, 9)
    skill = x[:, 0] + 0.7 * x[:, 1] * x[:, 2] + 0.5 * x[:, 3] + 0.15 * torch.randn(3000)
    grade = torch.bucketize(skill, torch.tensor([-1.3, -0.6, 0.0, 0.6, 1.3]))
    above = (grade[:, None] > torch.arange(5)).float()
    model = Ordinal()
    optimizer = torch.optim.NAdam(model.parameters(), lr=6e-3)
    run.watch(model, optimizer)
    for _epoch in range(12):
        model.train()
        for rows in torch.randperm(2400).split(60):
            loss = F.binary_cross_entropy_with_logits(model(x[rows]), above[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    model.eval()
    off = ((model(x[2400:]) > 0).sum(1) - grade[2400:]).abs().float()
    return (1 - off / 2).clamp(min=0).mean().item()


PROGRAM = Program(train)
