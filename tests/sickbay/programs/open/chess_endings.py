"""Win, draw or loss from a board's features; every weight began at the same number, "for fairness"."""

import torch
from torch import nn

from trainvitals.run import Run

from ...program import Program


class Judge(nn.Module):
    """Three dense layers."""

    def __init__(self, constant: bool) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(12, 50), nn.ReLU(), nn.Linear(50, 50), nn.ReLU())
        self.verdict = nn.Linear(50, 3)
        if constant:
            for p in self.parameters():
                nn.init.constant_(p, 0.05)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Three logits."""
        return self.verdict(self.body(x))


def train(run: Run, *, sick: bool, seed: int) -> float:
    """The outcome depends on products of features."""
    torch.manual_seed(seed)
    x = torch.randn(3600, 12)
    value = x[:, 0] * x[:, 1] + x[:, 2] * x[:, 3] + 0.5 * x[:, 4]
    y = (value > -0.6).long() + (value > 0.6).long()
    model, ce = Judge(sick), nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=1e-3)
    run.watch(model, optimizer, ce)
    for _ in range(10):
        for rows in torch.randperm(3000).split(64):
            optimizer.zero_grad()
            loss = ce(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    return (model(x[3000:]).argmax(1) == y[3000:]).float().mean().item()


PROGRAM = Program(train, causes=("bad_initialisation",), by_definition=True)
