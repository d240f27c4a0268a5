"""A small U-Net on blobs; borders are labelled 255 and ignored; most of a picture is background."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program


def scenes(n, g):
    yy, xx = torch.meshgrid(torch.arange(16.0), torch.arange(16.0), indexing="ij")
    images, masks = 0.3 * torch.randn(n, 1, 16, 16, generator=g), torch.zeros(n, 16, 16, dtype=torch.long)
    for kind in (1, 2):
        c = torch.rand(n, 2, 1, 1, generator=g) * 10 + 3
        if kind == 1:
            d = ((yy - c[:, 0]) ** 2 + (xx - c[:, 1]) ** 2).sqrt() - 3
        else:
            d = torch.maximum((yy - c[:, 0]).abs(), (xx - c[:, 1]).abs()) - 2
        images[:, 0] += (d < 0).float() * (1.0 if kind == 1 else -1.0)
        masks[d < 0] = kind
        masks[d.abs() < 0.3] = 255
    return images, masks


class UNet(nn.Module):
    def __init__(self, c=12):
        super().__init__()
        self.down = nn.Sequential(nn.Conv2d(1, c, 3, padding=1), nn.BatchNorm2d(c), nn.ReLU())
        self.mid = nn.Sequential(nn.Conv2d(c, 2 * c, 3, padding=1), nn.BatchNorm2d(2 * c), nn.ReLU())
        self.up = nn.ConvTranspose2d(2 * c, c, 2, stride=2)
        self.out = nn.Sequential(nn.Conv2d(2 * c, c, 3, padding=1), nn.ReLU(), nn.Conv2d(c, 3, 1))

    def forward(self, x):
        a = self.down(x)
        b = self.up(self.mid(F.max_pool2d(a, 2)))
        return self.out(torch.cat([a, b], 1))


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(9)
    x, y = scenes(500, g)
    x_val, y_val = scenes(80, g)
    net = UNet()
    criterion = nn.CrossEntropyLoss(ignore_index=255)
    optimizer = torch.optim.AdamW(net.parameters(), lr=3e-3)
    run.watch(net, optimizer, criterion)
    step = 0
    for epoch in range(6):
        net.train()
        for i in torch.randperm(500).split(16):
            optimizer.zero_grad()
            loss = criterion(net(x[i]), y[i])
            loss.backward()
            optimizer.step()
            if step % 5 == 0:
                run.log({"train/loss": loss.item()})
            step += 1
        net.eval()
        with torch.no_grad():
            out = net(x_val)
            run.log({"val/loss": criterion(out, y_val).item()})
    object_pixels = (y_val == 1) | (y_val == 2)
    return (out.argmax(1) == y_val)[object_pixels].float().mean().item()


PROGRAM = Program(train)
