"""Are two photos (as vectors) of one house? A siamese network and the contrastive loss, with a plain distance."""

import torch
import torch.nn as nn

from ...program import Program


class Siamese(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(24, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 8))

    def forward(self, a, b):
        return self.body(a), self.body(b)


def distance(za, zb, eps):
    return torch.sqrt(((za - zb) ** 2).sum(1) + eps)


def contrastive(d, same, margin=2.0):
    return (same * d**2 + (1 - same) * (margin - d).clamp(min=0) ** 2).mean()


def pairs(n, g, houses):
    a = torch.randint(0, len(houses), (n,), generator=g)
    same = torch.rand(n, generator=g) < 0.5
    b = torch.where(same, a, torch.randint(0, len(houses), (n,), generator=g))
    same = (a == b).float()
    xa = houses[a] + 0.6 * torch.randn(n, 24, generator=g)
    xb = houses[b] + 0.6 * torch.randn(n, 24, generator=g)
    return xa, xb, same


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    houses = torch.randn(40, 24, generator=g)
    eps = 0.0 if sick else 1e-6
    net = Siamese()
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    run.watch(net, opt)
    for step in range(400):
        xa, xb, same = pairs(64, g, houses)
        if step % 35 == 30:  # some photos were uploaded twice
            xb[5], same[5] = xa[5], 1.0
        loss = contrastive(distance(*net(xa, xb), eps), same)
        opt.zero_grad()
        loss.backward()
        opt.step()
        run.log({"loss": loss.item()})
    xa, xb, same = pairs(800, g, houses)
    with torch.no_grad():
        d = distance(*net(xa, xb), eps)
    return ((d < 1.0) == (same > 0)).float().mean().item() * float(torch.isfinite(d).all())


PROGRAM = Program(train, causes=("unstable_loss",), by_definition=True, onset=30)
