"""Fields seen from above, each pixel in or out: a small U with a skip, soft Dice and cross-entropy together."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program


class SmallU(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.Sequential(nn.Conv2d(1, 12, 3, padding=1), nn.BatchNorm2d(12), nn.ReLU())
        self.middle = nn.Sequential(nn.MaxPool2d(2), nn.Conv2d(12, 24, 3, padding=1), nn.BatchNorm2d(24), nn.ReLU())
        self.up = nn.ConvTranspose2d(24, 12, 2, stride=2)
        self.out = nn.Conv2d(24, 1, 3, padding=1)

    def forward(self, x):
        a = self.down(x)
        return self.out(torch.cat([a, self.up(self.middle(a))], 1))


def fields(n, g):
    mask = torch.zeros(n, 1, 16, 16)
    for k in range(n):
        r, c = torch.randint(0, 9, (2,), generator=g).tolist()
        h, w = torch.randint(4, 8, (2,), generator=g).tolist()
        mask[k, 0, r : r + h, c : c + w] = 1
    return mask - 0.3 + 0.8 * torch.randn(n, 1, 16, 16, generator=g), mask


def dice(p, t):
    return 1 - (2 * (p * t).sum((1, 2, 3)) + 1) / ((p + t).sum((1, 2, 3)) + 1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = fields(900, g)
    xv, yv = fields(150, g)
    model = SmallU()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer)
    for epoch in range(5):
        model.train()
        for i in torch.randperm(900, generator=g).split(25):
            out = model(x[i])
            bce, soft = F.binary_cross_entropy_with_logits(out, y[i]), dice(out.sigmoid(), y[i]).mean()
            loss = bce + soft
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item(), "loss/bce": bce.item(), "loss/dice": soft.item()})
        model.eval()
        with torch.no_grad():
            overlap = 1 - dice((model(xv) > 0).float(), yv).mean().item()
        run.log({"val/dice": overlap})
    return overlap


PROGRAM = Program(train)
