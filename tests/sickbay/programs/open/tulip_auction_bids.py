"""Bids for tulip bulbs from one-hot grower, colour and month: a low-rank MLP, eight lots a step."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program

SIZES = (30, 12, 12)


class BidModel(nn.Module):
    def __init__(self, rank=6):
        super().__init__()
        self.down = nn.Linear(sum(SIZES), rank, bias=False)
        self.up = nn.Linear(rank, 64)
        self.mid = nn.Linear(64, 32)
        self.bid = nn.Linear(32, 1)

    def forward(self, x):
        x = F.silu(self.up(self.down(x)))
        return self.bid(F.silu(self.mid(x))).squeeze(-1)


def lots(count, gen):
    parts = [torch.randint(n, (count,), generator=gen) for n in SIZES]
    worth = [torch.randn(n, generator=gen) for n in SIZES]
    clean = sum(w[p] for w, p in zip(worth, parts, strict=True))
    clean = clean + 0.4 * worth[0][parts[0]] * worth[1][parts[1]]
    clean = (clean - clean.mean()) / clean.std()
    x = torch.cat([F.one_hot(p, n).float() for p, n in zip(parts, SIZES, strict=True)], 1)
    return x, clean, clean + 1.2 * torch.randn(count, generator=gen)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    gen = torch.Generator().manual_seed(seed)
    x, clean, bid = lots(7000, gen)
    model = BidModel()
    criterion = nn.MSELoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=1e-3)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=6e-3, total_steps=800)
    run.watch(model, optimizer, criterion)
    rows = torch.randperm(6400, generator=gen).split(8)
    for step in range(800):
        batch = rows[step]
        optimizer.zero_grad()
        loss = criterion(model(x[batch]), bid[batch])
        loss.backward()
        optimizer.step()
        scheduler.step()
        run.log({"loss": loss.item(), "lr": scheduler.get_last_lr()[0]}, step=step)
    with torch.no_grad():
        missed = (model(x[6400:]) - clean[6400:]).pow(2).mean() / clean[6400:].var()
    return max(0.0, 1 - missed.item())


PROGRAM = Program(train)
