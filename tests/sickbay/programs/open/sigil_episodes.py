"""Sigils never seen before are told apart from three examples each: a prototypical network in episodes."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program

WAYS, SHOTS, QUERIES = 5, 3, 6


class Prototypes(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Linear(36, 128), nn.LayerNorm(128), nn.GELU(), nn.Linear(128, 96), nn.GELU(), nn.Linear(96, 32)
        )

    def forward(self, support, query):
        centres = self.encoder(support).mean(1)
        found = self.encoder(query.flatten(0, 1))
        return -torch.cdist(found, centres).pow(2) / 4


def sigil_makers(count, gen):
    return torch.randn(count, 6, generator=gen)


def draw(sigils, mix, gen, each):
    hand = torch.randn(len(sigils), each, 30, generator=gen)
    sigil = sigils[:, None].expand(-1, each, -1) + 0.15 * torch.randn(len(sigils), each, 6, generator=gen)
    return torch.tanh(torch.cat([1.5 * sigil, 1.2 * hand], 2) @ mix)


def episode(sigils, mix, gen):
    chosen = torch.randperm(len(sigils), generator=gen)[:WAYS]
    drawn = draw(sigils[chosen], mix, gen, SHOTS + QUERIES)
    return drawn[:, :SHOTS], drawn[:, SHOTS:], torch.arange(WAYS).repeat_interleave(QUERIES)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    gen = torch.Generator().manual_seed(seed)
    mix = torch.linalg.qr(torch.randn(36, 36, generator=gen))[0]
    sigils, unseen = sigil_makers(120, gen), sigil_makers(40, gen)
    model = Prototypes()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer)
    for step in range(700):
        support, query, target = episode(sigils, mix, gen)
        loss = F.cross_entropy(model(support, query), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 5 == 0:
            run.log({"loss": loss.item()}, step=step)
    model.eval()
    right = 0.0
    with torch.no_grad():
        for _ in range(60):
            support, query, target = episode(unseen, mix, gen)
            right += (model(support, query).argmax(1) == target).float().mean().item()
    return right / 60


PROGRAM = Program(train)
