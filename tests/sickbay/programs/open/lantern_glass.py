"""Panes of stained glass, three channels, sorted by maker with a convolutional network from scratch."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program

MAKERS = 6


def panes(n, tiles, g):
    maker = torch.randint(0, MAKERS, (n,), generator=g)
    image = torch.randn(n, 3, 12, 12, generator=g)
    for k in range(n):
        for _ in range(2):
            r, c = torch.randint(0, 9, (2,), generator=g).tolist()
            image[k, :, r : r + 4, c : c + 4] += 1.3 * tiles[maker[k]]
    return (image - image.mean()) / image.std(), maker


class GlassNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(
            nn.Conv2d(3, 12, 4), nn.ReLU(), nn.Conv2d(12, 12, 3, padding=1), nn.ReLU(), nn.AdaptiveMaxPool2d(1)
        )
        self.head = nn.Linear(12, MAKERS)

    def forward(self, x):
        return self.head(self.backbone(x).flatten(1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    tiles = torch.randn(MAKERS, 3, 4, 4, generator=g)
    images, maker = panes(2400, tiles, g)
    loader = DataLoader(TensorDataset(images[:2000], maker[:2000]), batch_size=32, shuffle=True)
    model = GlassNet()
    if sick:
        for param in model.backbone.parameters():
            param.requires_grad = False
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(8):
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        return (model(images[2000:]).argmax(1) == maker[2000:]).float().mean().item()


PROGRAM = Program(train, causes=("frozen_parameters",))
