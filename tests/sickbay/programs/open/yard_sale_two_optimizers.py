"""Stars a buyer gives a thing: sparse embeddings with an optimizer of their own beside a dense tower with another."""

import torch
from torch import nn

from ...program import Program

BUYERS, THINGS, DIM = 150, 100, 8


class Tables(nn.Module):
    def __init__(self):
        super().__init__()
        self.buyer = nn.Embedding(BUYERS, DIM, sparse=True)
        self.thing = nn.Embedding(THINGS, DIM, sparse=True)
        nn.init.normal_(self.buyer.weight, std=0.4)
        nn.init.normal_(self.thing.weight, std=0.4)

    def forward(self, buyer, thing):
        b, t = self.buyer(buyer), self.thing(thing)
        return torch.cat([b, t, b * t], dim=1)


def stars(n):
    g = torch.Generator().manual_seed(5)
    taste, nature = torch.randn(BUYERS, 3, generator=g), torch.randn(THINGS, 3, generator=g)
    mood, worth = torch.randn(BUYERS, generator=g), torch.randn(THINGS, generator=g)
    b, t = torch.randint(0, BUYERS, (n,)), torch.randint(0, THINGS, (n,))
    r = 0.5 * mood[b] + 0.8 * worth[t] + 0.6 * (taste[b] * nature[t]).sum(1) + 0.2 * torch.randn(n)
    return b, t, r


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    b, t, r = stars(12000)
    bv, tv, rv = stars(2000)
    mean, std = r.mean(), r.std()
    r, rv = (r - mean) / std, (rv - mean) / std

    tables = Tables()
    tower = nn.Sequential(nn.Linear(3 * DIM, 48), nn.ReLU(), nn.Linear(48, 1))
    mse = nn.MSELoss()
    sparse = torch.optim.SparseAdam(list(tables.parameters()), lr=3e-2)
    dense = torch.optim.Adam(tower.parameters(), lr=5e-3)
    run.watch(tables, sparse, name="tables")
    run.watch(tower, dense, mse, name="tower")

    for epoch in range(8):
        if epoch == 6:
            for opt in (sparse, dense):
                opt.param_groups[0]["lr"] *= 0.2
        for rows in torch.randperm(len(r)).split(128):
            loss = mse(tower(tables(b[rows], t[rows])).squeeze(1), r[rows])
            sparse.zero_grad()
            dense.zero_grad()
            loss.backward()
            sparse.step()
            dense.step()
            run.log({"mse": loss.item()})
        with torch.no_grad():
            val = mse(tower(tables(bv, tv)).squeeze(1), rv).item()
        run.log({"val_mse": val})
    return max(0.0, 1 - val / rv.var().item())


PROGRAM = Program(train)
