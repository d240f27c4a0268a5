"""Prints by a small encoder and a head; the features pass through numpy on their way to the head."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

from trainvitals.run import Run

from ...program import Program


class Reader(nn.Module):
    """Rows of eight pixels go through a transformer layer, then a classifier."""

    def __init__(self, through_numpy: bool) -> None:
        super().__init__()
        self.through_numpy = through_numpy
        self.embed = nn.Linear(8, 16)
        self.place = nn.Parameter(0.02 * torch.randn(8, 16))
        self.block = nn.TransformerEncoderLayer(16, 2, 32, dropout=0.0, batch_first=True)
        self.head = nn.Linear(16, 10)

    def forward(self, x: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Loss and logits."""
        features = self.block(self.embed(x) + self.place).mean(1)
        if self.through_numpy:
            features = torch.from_numpy(features.detach().numpy())
        logits = self.head(features)
        return F.cross_entropy(logits, y), logits


def train(run: Run, *, sick: bool, seed: int) -> float:
    """The model returns its loss."""
    torch.manual_seed(seed)
    images, labels = load_digits(return_X_y=True)
    order = torch.randperm(len(images))
    x = torch.tensor((images - 4.9) / 6).float().view(-1, 8, 8)[order]
    y = torch.tensor(labels)[order]
    model = Reader(sick)
    opt = torch.optim.AdamW(model.parameters(), lr=3e-3)
    run.watch(model, opt)
    for _epoch in range(12):
        for rows in torch.randperm(1400).split(40):
            loss, _ = model(x[rows], y[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
            run.log({"loss": loss.item()})
    return (model(x[1400:], y[1400:])[1].argmax(1) == y[1400:]).float().mean().item()


PROGRAM = Program(train, causes=("no_gradient",), by_definition=True)
