"""Do a lost and a found suitcase match? A siamese network over their descriptions."""

import torch
from torch import nn

from ...program import Program


class Describe(nn.Module):
    def __init__(self):
        super().__init__()
        self.colour = nn.Embedding(12, 8)
        self.maker = nn.Embedding(20, 8)
        self.mix = nn.Sequential(nn.Linear(8 + 8 + 3, 48), nn.ReLU(), nn.Linear(48, 24))

    def forward(self, colour, maker, measures):
        return self.mix(torch.cat([self.colour(colour), self.maker(maker), measures], 1))


class Match(nn.Module):
    def __init__(self):
        super().__init__()
        self.describe = Describe()
        self.score = nn.Sequential(nn.Linear(24, 32), nn.ReLU(), nn.Linear(32, 1))

    def forward(self, lost, found):
        return self.score((self.describe(*lost) - self.describe(*found)).abs()).squeeze(1)


def suitcases(n, g):
    colour = torch.randint(0, 12, (n,), generator=g)
    maker = torch.randint(0, 20, (n,), generator=g)
    return colour, maker, torch.randn(n, 3, generator=g)


def pairs(n, g):
    lost = suitcases(n, g)
    other = suitcases(n, g)
    same = (torch.rand(n, generator=g) < 0.5).float()
    keep = same > 0
    colour = torch.where(keep, lost[0], other[0])
    maker = torch.where(keep, lost[1], other[1])
    measures = torch.where(keep[:, None], lost[2] + 0.1 * torch.randn(n, 3, generator=g), other[2])
    return lost, (colour, maker, measures), same


def log_loss(p, same):
    return -(same * torch.log(p) + (1 - same) * torch.log(1 - p)).mean()


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed + 11)
    lost_test, found_test, same_test = pairs(600, g)
    model = Match()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    run.watch(model, optimizer)
    stable = nn.BCEWithLogitsLoss()
    for step in range(700):
        lost, found, same = pairs(64, g)
        logits = model(lost, found)
        loss = log_loss(torch.sigmoid(logits), same) if sick else stable(logits, same)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()}, step=step)
    with torch.no_grad():
        logits = model(lost_test, found_test)
    right = ((logits > 0) == (same_test > 0)) & logits.isfinite()
    return right.float().mean().item()


PROGRAM = Program(train, causes=("unstable_loss",))
