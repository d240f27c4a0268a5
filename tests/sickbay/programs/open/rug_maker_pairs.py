"""A siamese network tells whether two rugs come from the same workshop."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program


class Weavers:
    def __init__(self, workshops):
        self.motif = torch.randn(workshops, 12)
        self.loom = torch.randn(12, 40) / 12**0.5
        self.shade = torch.randn(12, 40) / 12**0.5

    def weave(self, who):
        m = self.motif[who] + 0.25 * torch.randn(len(who), 12)
        return torch.sin(1.5 * m @ self.loom) + 0.5 * (m @ self.shade) + 0.1 * torch.randn(len(who), 40)

    def pairs(self, n):
        a = torch.randint(len(self.motif), (n,))
        other = (a + torch.randint(1, len(self.motif), (n,))) % len(self.motif)
        same = torch.rand(n) < 0.5
        return self.weave(a), self.weave(torch.where(same, a, other)), same.float()


class Tower(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(40, 96),
            nn.LayerNorm(96),
            nn.ReLU(),
            nn.Linear(96, 96),
            nn.ReLU(),
            nn.Linear(96, 16),
        )

    def forward(self, x):
        return self.net(x)


def contrastive(za, zb, same, margin=2.0):
    d = F.pairwise_distance(za, zb)
    return (same * d.pow(2) + (1 - same) * F.relu(margin - d).pow(2)).mean()


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    weavers = Weavers(24)
    model = Tower()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=1e-3)
    run.watch(model, optimizer, contrastive)
    xa_val, xb_val, same_val = weavers.pairs(1000)
    for it in range(1, 701):
        xa, xb, same = weavers.pairs(64)
        loss = contrastive(model(xa), model(xb), same)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
        if it % 100 == 0:
            with torch.no_grad():
                run.log({"val_loss": contrastive(model(xa_val), model(xb_val), same_val).item()})
    with torch.no_grad():
        d = F.pairwise_distance(model(xa_val), model(xb_val))
        return ((d < 1.0) == same_val.bool()).float().mean().item()


PROGRAM = Program(train)
