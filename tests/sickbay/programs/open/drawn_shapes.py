"""Squares, crosses and discs, with batch norm and a look at the validation set after each epoch."""

import torch
from torch import nn

from ...program import Program


def drawings(n, g):
    y = torch.randint(3, (n,), generator=g)
    r = torch.arange(12).float()
    cx, cy = torch.rand(2, n, 1, 1, generator=g) * 4 + 4
    size = 2 + 1.5 * torch.rand(n, 1, 1, generator=g)
    dx, dy = (r.view(1, 1, 12) - cx).abs(), (r.view(1, 12, 1) - cy).abs()
    square = torch.maximum(dx, dy) < size
    cross = (torch.minimum(dx, dy) < 0.8) & (torch.maximum(dx, dy) < size)
    disc = dx**2 + dy**2 < size**2
    img = torch.stack([square, cross, disc], 1)[torch.arange(n), y].float()
    return (img + 0.25 * torch.randn(n, 12, 12, generator=g)).unsqueeze(1) * 3 + 2, y


class ShapeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, 16, 3), nn.BatchNorm2d(16), nn.ReLU(),
            nn.Conv2d(16, 24, 3, stride=2), nn.BatchNorm2d(24), nn.ReLU(),
            nn.Conv2d(24, 24, 3), nn.ReLU(), nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Dropout(0.1),
        )  # fmt: skip
        self.fc = nn.Linear(24, 3)

    def forward(self, x):
        return self.fc(self.body(x))


def validate(model, x, y):
    model.eval()
    with torch.no_grad():
        return (model(x).argmax(1) == y).float().mean()


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    x, y = drawings(1200, g)
    xv, yv = drawings(400, g)
    model = ShapeNet()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    run.watch(model, optimizer, criterion)
    model.train()
    for epoch in range(7):
        if not sick:
            model.train()
        for idx in torch.randperm(1200, generator=g).split(32):
            loss = criterion(model(x[idx]), y[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"train_loss": loss})
        run.log({"val/accuracy": validate(model, xv, yv)})
    return validate(model, xv, yv).item()


PROGRAM = Program(train, causes=("train_eval_mode",), by_definition=True, onset=38)
