"""Support tickets to teams: a transformer under bfloat16 autocast, three pieces to a step."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program

WORDS, LENGTH, TEAMS = 90, 12, 6


class TicketFormer(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.tok, self.pos = nn.Embedding(WORDS, d), nn.Embedding(LENGTH, d)
        self.attn = nn.MultiheadAttention(d, 4, batch_first=True)
        self.ff = nn.Sequential(nn.Linear(d, 64), nn.GELU(), nn.Linear(64, d))
        self.n1, self.n2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.head = nn.Linear(d, TEAMS)

    def forward(self, ids):
        h = self.tok(ids) + self.pos.weight
        n = self.n1(h)
        h = h + self.attn(n, n, n, need_weights=False)[0]
        h = h + self.ff(self.n2(h))
        return self.head(h.mean(1))


def tickets(n, g):
    team = torch.randint(0, TEAMS, (n,), generator=g)
    own = team[:, None] * 10 + torch.randint(0, 10, (n, LENGTH), generator=g)
    rest = torch.randint(0, WORDS, (n, LENGTH), generator=g)
    return torch.where(torch.rand(n, LENGTH, generator=g) < 0.35, own, rest), team


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    ids, team = tickets(9000, g)
    ids_val, team_val = tickets(500, g)
    model = TicketFormer()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    run.watch(model, optimizer)
    accumulate, total = 3, 0.0
    optimizer.zero_grad()
    for k, i in enumerate(torch.randperm(9000, generator=g).split(20)):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = F.cross_entropy(model(ids[i]), team[i]) / accumulate
        loss.backward()
        total += loss.item()
        if k % accumulate == accumulate - 1:
            optimizer.step()
            optimizer.zero_grad()
            run.log({"loss": total})
            total = 0.0
    with torch.no_grad():
        return (model(ids_val).argmax(1) == team_val).float().mean().item()


PROGRAM = Program(train)
