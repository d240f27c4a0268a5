"""Perfume families from their notes; the hidden layers stand in a Python list, which no optimizer sees."""

import torch
from torch import nn

from trainvitals.run import Run

from ...program import Program


class Perfume(nn.Module):
    """Four hidden layers and a read-out."""

    def __init__(self, width: int, registered: bool) -> None:
        super().__init__()
        layers = [nn.Linear(width if i else 14, width) for i in range(4)]
        for layer in layers:
            nn.init.orthogonal_(layer.weight)
        self.layers = nn.ModuleList(layers) if registered else layers
        self.read_out = nn.Linear(width, 5)

    def forward(self, notes: torch.Tensor) -> torch.Tensor:
        """Five families."""
        for layer in self.layers:
            notes = torch.tanh(layer(notes))
        return self.read_out(notes)


def train(run: Run, *, sick: bool, seed: int) -> float:
    """Families differ by products of notes."""
    torch.manual_seed(seed)
    x = torch.randn(3500, 14)
    score = x[:, 0] * x[:, 1] + x[:, 2] * x[:, 3] + x[:, 4]
    y = torch.bucketize(score, torch.tensor([-1.4, -0.4, 0.4, 1.4]))
    model = Perfume(36, registered=not sick)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    run.watch(model, optimizer, criterion)
    for _epoch in range(10):
        for rows in torch.randperm(3000).split(60):
            optimizer.zero_grad()
            loss = criterion(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    return (model(x[3000:]).argmax(1) == y[3000:]).float().mean().item()


PROGRAM = Program(train, causes=("not_in_optimizer",), by_definition=True)
