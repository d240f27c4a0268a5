"""Two microphones hear one duet: InfoNCE over the batch at a low temperature, then a nearest neighbour as a test."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program


class Ear(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(40, 96), nn.BatchNorm1d(96), nn.ReLU(), nn.Linear(96, 24))

    def forward(self, x):
        return F.normalize(self.net(x), dim=1)


def duets(n, g):
    mix = torch.randn(2, 10, 40, generator=torch.Generator().manual_seed(73)) / 3
    song = torch.randn(n, 10, generator=g)
    return [song @ m + 0.4 * torch.randn(n, 40, generator=g) for m in mix]


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    a, b = duets(4000, g)
    av, bv = duets(200, g)
    left, right = Ear(), Ear()
    optimizer = torch.optim.AdamW([*left.parameters(), *right.parameters()], lr=2e-3)
    run.watch(left, optimizer, name="left")
    run.watch(right, optimizer, name="right")
    for epoch in range(4):
        left.train(), right.train()
        for i in torch.randperm(4000, generator=g).split(80):
            logits = left(a[i]) @ right(b[i]).T / 0.1
            target = torch.arange(len(i))
            loss = (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"info_nce": loss.item()})
        left.eval(), right.eval()
        with torch.no_grad():
            hits = ((left(av) @ right(bv).T).argmax(1) == torch.arange(200)).float().mean().item()
        run.log({"val/recall_at_1": hits})
    return hits


PROGRAM = Program(train)
