"""Sherds of one workshop are drawn together, those of others pushed away; unseen ones find the nearest centre."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

from ...program import Program


class Embedder(nn.Module):
    def __init__(self, dim=16):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(64, 96), nn.ReLU(), nn.Linear(96, 64), nn.ReLU(), nn.Linear(64, dim))

    def forward(self, x):
        return F.normalize(self.net(x), dim=1)


def draw_triplets(y, n):
    anchors = torch.randint(0, len(y), (n,))
    same = y[anchors][:, None] == y[None]
    same_else = same.clone()
    same_else[torch.arange(n), anchors] = False
    positives = torch.multinomial(same_else.float(), 1)[:, 0]
    negatives = torch.multinomial((~same).float(), 1)[:, 0]
    return anchors, positives, negatives


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    digits = load_digits()
    x = torch.tensor(digits.data, dtype=torch.float32)
    y = torch.tensor(digits.target)
    order = torch.randperm(len(x))
    x, y = x[order], y[order]
    x = (x - x[:1350].mean()) / x[:1350].std()
    xt, yt, xv, yv = x[:1350], y[:1350], x[1350:], y[1350:]

    model = Embedder()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer)
    for step in range(400):
        a, p, n = draw_triplets(yt, 64)
        ea, ep, en = model(torch.cat([xt[a], xt[p], xt[n]])).chunk(3)
        loss = F.triplet_margin_loss(ea, ep, en, margin=0.5)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"triplet": loss.item()}, step=step)
    with torch.no_grad():
        et, ev = model(xt), model(xv)
        centres = torch.stack([et[yt == k].mean(0) for k in range(10)])
        return (torch.cdist(ev, centres).argmin(1) == yv).float().mean().item()


PROGRAM = Program(train)
