"""The best suit in a hand of cards: attention without places, a learned query, warm-up and cosine."""

import math

import torch
from torch import Tensor, nn

from trainvitals.run import Run

from ...program import Program


class Hand(nn.Module):
    """Embed, let the cards look at each other, pool by a query."""

    def __init__(self) -> None:
        super().__init__()
        self.suit, self.rank = nn.Embedding(4, 32), nn.Embedding(13, 32)
        self.look = nn.MultiheadAttention(32, 4, batch_first=True)
        self.norm1, self.norm2 = nn.LayerNorm(32), nn.LayerNorm(32)
        self.ff = nn.Sequential(nn.Linear(32, 64), nn.GELU(), nn.Linear(64, 32))
        self.query = nn.Parameter(torch.randn(1, 1, 32) * 0.1)
        self.pool = nn.MultiheadAttention(32, 4, batch_first=True)
        self.out = nn.Linear(32, 4)

    def forward(self, suit: Tensor, rank: Tensor) -> Tensor:
        """Four logits."""
        h = self.suit(suit) + self.rank(rank)
        n = self.norm1(h)
        h = h + self.look(n, n, n, need_weights=False)[0]
        h = h + self.ff(self.norm2(h))
        return self.out(self.pool(self.query.expand(len(h), -1, -1), h, h, need_weights=False)[0][:, 0])


def hands(n: int) -> tuple[Tensor, Tensor, Tensor]:
    """Seven cards; the suit with the most points wins."""
    suit, rank = torch.randint(0, 4, (n, 7)), torch.randint(0, 13, (n, 7))
    points = torch.zeros(n, 4).scatter_add(1, suit, rank.float() + 1)
    return suit, rank, points.argmax(1)


def train(run: Run, *, sick: bool, seed: int) -> float:
    """New hands each time."""
    torch.manual_seed(seed)
    model, criterion = Hand(), nn.CrossEntropyLoss(label_smoothing=0.05)
    optimizer = torch.optim.AdamW(model.parameters(), lr=6e-3, weight_decay=0.01)
    total = 350
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: min(1.0, (s + 1) / 30) * 0.5 * (1 + math.cos(math.pi * s / total))
    )
    run.watch(model, optimizer, criterion)
    for _ in range(total):
        suit, rank, best = hands(64)
        loss = criterion(model(suit, rank), best)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        run.log({"loss": loss.item(), "lr": optimizer.param_groups[0]["lr"]})
    suit, rank, best = hands(1000)
    return (model(suit, rank).argmax(1) == best).float().mean().item()


PROGRAM = Program(train)
