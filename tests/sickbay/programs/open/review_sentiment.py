"""Sentiment of generated reviews by a bag of embeddings."""

import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program

VOCAB = 200


def reviews(n, g):
    tone = torch.rand(n, 1, generator=g)
    good = torch.randint(0, 40, (n, 15), generator=g)
    bad = torch.randint(40, 80, (n, 15), generator=g)
    rest = torch.randint(80, VOCAB, (n, 15), generator=g)
    kind = torch.rand(n, 15, generator=g)
    words = torch.where(kind < 0.6, rest, torch.where(torch.rand(n, 15, generator=g) < tone, good, bad))
    return words, (tone.squeeze(1) > 0.5).float()


class Bag(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(VOCAB, 32, mode="mean")
        self.fc1 = nn.Linear(32, 32)
        self.fc2 = nn.Linear(32, 1)

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(self.bag(x)))).squeeze(-1)


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(4)
    x, y = reviews(3000, g)
    x_test, y_test = reviews(500, g)
    model = Bag()
    # "fine-tuning rates" for a network that was never trained
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-6 if sick else 5e-3)
    run.watch(model, optimizer)
    for step in range(400):
        i = torch.randint(0, 3000, (64,))
        loss = F.binary_cross_entropy_with_logits(model(x[i]), y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        return ((model(x_test) > 0) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("learning_rate_too_low",))
