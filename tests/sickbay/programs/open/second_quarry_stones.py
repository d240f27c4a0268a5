"""A stone sorter trained at one quarry is given a new head for another: first frozen, then thawed."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program


def stones(count, kinds, gen):
    kind = torch.randint(len(kinds), (count,), generator=gen)
    wave = torch.tensor(kinds)[kind]
    ys, xs = torch.meshgrid(torch.arange(14.0), torch.arange(14.0), indexing="ij")
    phase = 6.2832 * torch.rand(count, 2, 1, 1, generator=gen)
    image = torch.sin(xs * wave[:, 0, None, None] + phase[:, 0]) + torch.sin(ys * wave[:, 1, None, None] + phase[:, 1])
    image = image + 0.6 * torch.randn(count, 14, 14, generator=gen)
    return (image / image.std()).unsqueeze(1), kind


OLD = ((0.4, 0.4), (0.4, 1.3), (1.3, 0.4), (1.3, 1.3), (2.2, 0.4), (0.4, 2.2))
NEW = ((0.7, 1.8), (1.8, 0.7), (1.8, 1.8), (0.7, 0.7))


def make_backbone():
    layers = []
    for a, b in ((1, 16), (16, 24), (24, 32)):
        layers += [nn.Conv2d(a, b, 3, padding=1, bias=False), nn.BatchNorm2d(b), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*layers[:-1], nn.AdaptiveAvgPool2d(1), nn.Flatten())


class StoneSorter(nn.Module):
    def __init__(self, backbone, kinds):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(32, kinds)

    def forward(self, x):
        return self.head(self.backbone(x))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    gen = torch.Generator().manual_seed(seed)
    backbone = make_backbone()
    first = StoneSorter(backbone, len(OLD))
    optimizer = torch.optim.Adam(first.parameters(), lr=3e-3)
    x, y = stones(2000, OLD, gen)
    for _ in range(200):
        rows = torch.randint(2000, (40,), generator=gen)
        optimizer.zero_grad()
        F.cross_entropy(first(x[rows]), y[rows]).backward()
        optimizer.step()

    x, y = stones(1900, NEW, gen)
    model = StoneSorter(backbone, len(NEW))
    backbone.requires_grad_(False)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(
        [{"params": model.head.parameters(), "lr": 5e-3}, {"params": backbone.parameters(), "lr": 3e-4}]
    )
    run.watch(model, optimizer, criterion)
    model.train()
    backbone.eval()
    for step in range(400):
        if step == 200:
            backbone.requires_grad_(True)
        rows = torch.randint(1500, (32,), generator=gen)
        optimizer.zero_grad()
        loss = criterion(model(x[rows]), y[rows])
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()}, step=step)
    model.eval()
    with torch.no_grad():
        return (model(x[1500:]).argmax(1) == y[1500:]).float().mean().item()


PROGRAM = Program(train)
