"""Segmentation of road pictures; what nobody labelled is ignored."""

import torch
from torch import nn

from ...program import Program


def scenes(n, g):
    img = 0.5 * torch.randn(n, 3, 12, 12, generator=g)
    mask = torch.zeros(n, 12, 12, dtype=torch.long)
    horizon = torch.randint(3, 7, (n,), generator=g)
    rows = torch.arange(12)
    road = (rows[None] >= horizon[:, None])[:, :, None].expand(n, 12, 12)
    left = torch.randint(0, 7, (n,), generator=g)
    cols = torch.arange(12)
    car = road & ((cols[None] >= left[:, None]) & (cols[None] < left[:, None] + 4))[:, None, :]
    mask[road] = 1
    mask[car] = 2
    img[:, 0] += (mask == 0).float()
    img[:, 1] += (mask == 1).float()
    img[:, 2] += (mask == 2).float()
    mask[torch.rand(mask.shape, generator=g) < 0.3] = 255
    return img, mask


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.Sequential(nn.Conv2d(3, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU())
        self.mid = nn.Sequential(nn.MaxPool2d(2), nn.Conv2d(16, 24, 3, padding=1), nn.ReLU())
        self.up = nn.ConvTranspose2d(24, 16, 2, stride=2)
        self.last = nn.Conv2d(32, 3, 1)

    def forward(self, x):
        a = self.down(x)
        return self.last(torch.cat([a, self.up(self.mid(a))], 1))


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    x, m = scenes(600, g)
    xt, mt = scenes(100, g)
    model = UNet()
    criterion = nn.CrossEntropyLoss(ignore_index=255)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    for step in range(180):
        b = torch.randint(600, (8,), generator=g)
        loss = criterion(model(x[b]), m[b])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    model.eval()
    with torch.no_grad():
        seen = mt != 255
        return (model(xt).argmax(1) == mt)[seen].float().mean().item()


PROGRAM = Program(train)
