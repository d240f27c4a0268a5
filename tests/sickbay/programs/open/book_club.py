"""Book recommendations by matrix factorisation with a pairwise ranking loss; most rows rest at each step."""

import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program


class BPR(nn.Module):
    def __init__(self, users, items, dim=16):
        super().__init__()
        self.user, self.item = nn.Embedding(users, dim), nn.Embedding(items, dim)
        self.bias = nn.Embedding(items, 1)
        for e in (self.user, self.item):
            nn.init.normal_(e.weight, std=0.1)
        nn.init.zeros_(self.bias.weight)

    def forward(self, u, i):
        return (self.user(u) * self.item(i)).sum(-1) + self.bias(i).squeeze(-1)


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    taste, kind = torch.randn(200, 3, generator=g), torch.randn(150, 3, generator=g)
    likes = taste @ kind.T
    model = BPR(200, 150, dim=32)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-2)
    run.watch(model, optimizer)

    def triples(n):
        u = torch.randint(200, (n,), generator=g)
        a, b = torch.randint(150, (2, n), generator=g)
        swap = likes[u, a] < likes[u, b]
        return u, torch.where(swap, b, a), torch.where(swap, a, b)

    for step in range(450):
        u, pos, neg = triples(512)
        loss = -F.logsigmoid(model(u, pos) - model(u, neg)).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss})
    with torch.no_grad():
        u, pos, neg = triples(3000)
        return (model(u, pos) > model(u, neg)).float().mean().item()


PROGRAM = Program(train)
