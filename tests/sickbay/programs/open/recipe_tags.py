"""Recipes may carry several of eight tags; a bag of ingredients, and no order."""

import torch
from torch import nn

from trainvitals.run import Run

from ...program import Program


class Tagger(nn.Module):
    """Mean of embedded ingredients, a hidden layer, eight logits."""

    def __init__(self) -> None:
        super().__init__()
        self.bag = nn.EmbeddingBag(150, 24, mode="mean")
        self.hidden = nn.Linear(24, 32)
        self.tags = nn.Linear(32, 8)

    def forward(self, words: torch.Tensor) -> torch.Tensor:
        """Logits of the tags."""
        return self.tags(torch.relu(self.hidden(self.bag(words))))


def train(run: Run, *, sick: bool, seed: int) -> float:
    """A tag holds if its ingredients outweigh the others."""
    torch.manual_seed(seed)
    words = torch.randint(0, 150, (4000, 12))
    taste = torch.randn(150, 8)
    y = (taste[words].sum(1) + 0.8 * torch.randn(4000, 8) > 0).float()
    model, criterion = Tagger(), nn.MultiLabelSoftMarginLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    run.watch(model, optimizer, criterion)
    for _epoch in range(8):
        for rows in torch.randperm(3400).split(64):
            loss = criterion(model(words[rows]), y[rows])
            optimizer.zero_grad(set_to_none=False)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        return ((model(words[3400:]) > 0).float() == y[3400:]).float().mean().item()


PROGRAM = Program(train)
