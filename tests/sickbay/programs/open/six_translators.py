"""Six experts, the best two for each sample, and a small second term that keeps all of them at work."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program

EXPERTS = 6


class Experts(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.router = nn.Linear(d, EXPERTS, bias=False)
        self.experts = nn.ModuleList(
            nn.Sequential(nn.Linear(d, 48), nn.GELU(), nn.Linear(48, d)) for _ in range(EXPERTS)
        )

    def forward(self, x):
        chance = torch.softmax(self.router(x), 1)
        best, which = chance.topk(2, 1)
        best = best / best.sum(1, keepdim=True)
        out = torch.zeros_like(x)
        for k, expert in enumerate(self.experts):
            rows, place = torch.where(which == k)
            if len(rows):
                out = out.index_add(0, rows, expert(x[rows]) * best[rows, place, None])
        load = F.one_hot(which[:, 0], EXPERTS).float().mean(0)
        return x + out, EXPERTS * (load * chance.mean(0)).sum()


class Translator(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.inp, self.norm = nn.Linear(10, d), nn.LayerNorm(d)
        self.mixture = Experts(d)
        self.out = nn.Linear(d, 1)

    def forward(self, x):
        h, balance = self.mixture(self.norm(self.inp(x)))
        return self.out(h).squeeze(1), balance


def pairs(n, g):
    x = torch.randn(n, 10, generator=g)
    tongue = (x[:, 0] > 0).long() + 2 * (x[:, 1] > 0).long()
    w = torch.randn(4, 10, generator=torch.Generator().manual_seed(83)) / 2.5
    return x, (x * w[tongue]).sum(1) + 0.1 * torch.randn(n, generator=g)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = pairs(5000, g)
    xv, yv = pairs(500, g)
    model = Translator()
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3)
    run.watch(model, optimizer)
    for step in range(450):
        i = torch.randint(0, 5000, (64,), generator=g)
        out, balance = model(x[i])
        error = F.mse_loss(out, y[i])
        loss = error + 0.02 * balance
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item(), "loss/error": error.item(), "loss/balance": balance.item()})
    with torch.no_grad():
        return 1 - F.mse_loss(model(xv)[0], yv).item() / yv.var().item()


PROGRAM = Program(train)
