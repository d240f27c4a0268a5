"""Photos and captions into one space: two towers, a learned temperature, the symmetric contrastive loss."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program


class TwoTowers(nn.Module):
    def __init__(self):
        super().__init__()
        self.photo = nn.Sequential(nn.Linear(48, 64), nn.GELU(), nn.Linear(64, 24))
        self.words = nn.EmbeddingBag(80, 32)
        self.caption = nn.Sequential(nn.Linear(32, 64), nn.GELU(), nn.Linear(64, 24))
        self.logit_scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))

    def forward(self, image, ids):
        a = F.normalize(self.photo(image), dim=1)
        b = F.normalize(self.caption(self.words(ids)), dim=1)
        return self.logit_scale.exp().clamp(max=100) * a @ b.t()


def pairs(n, g):
    look = torch.randn(80, 48, generator=torch.Generator().manual_seed(3))
    ids = torch.randint(0, 80, (n, 4), generator=g)
    return look[ids].sum(1) / 2 + 0.3 * torch.randn(n, 48, generator=g), ids


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    model = TwoTowers()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.01)
    run.watch(model, optimizer)
    target = torch.arange(64)
    for step in range(400):
        image, ids = pairs(64, g)
        logits = model(image, ids)
        loss = (F.cross_entropy(logits, target) + F.cross_entropy(logits.t(), target)) / 2
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item(), "temperature": 1 / model.logit_scale.exp().item()})
    image, ids = pairs(200, g)
    with torch.no_grad():
        return (model(image, ids).argmax(1) == torch.arange(200)).float().mean().item()


PROGRAM = Program(train)
