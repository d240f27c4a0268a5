"""Embossed cells of six dots, photographed badly: a convolutional net for 26 letters."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program


class CellNet(nn.Module):
    def __init__(self, sick):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 12, 3, padding=1)
        self.conv2 = nn.Conv2d(12, 16, 3, padding=1)
        self.fc1 = nn.Linear(16 * 12, 64)
        self.fc2 = nn.Linear(64, 26)
        if sick:
            for p in self.parameters():
                nn.init.constant_(p, 0.02)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc2(F.relu(self.fc1(x.flatten(1))))


def cells(n, g):
    letters = torch.randperm(63, generator=torch.Generator().manual_seed(8))[:26] + 1
    dots = ((letters[:, None] >> torch.arange(6)) & 1).float().view(26, 1, 3, 2)
    y = torch.randint(0, 26, (n,), generator=g)
    big = F.interpolate(dots, scale_factor=(8 / 3 + 0.01, 3), mode="nearest")
    return big[y][:, :, :8, :6] - 0.5 + 0.5 * torch.randn(n, 1, 8, 6, generator=g), y


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    x, y = cells(4000, g)
    xv, yv = cells(600, g)
    model = CellNet(sick)
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, opt)
    for step in range(250):
        i = torch.randint(0, 4000, (64,), generator=g)
        loss = F.cross_entropy(model(x[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
        run.log({"loss": loss.item(), "accuracy": (model(x[i]).argmax(1) == y[i]).float().mean().item()})
    with torch.no_grad():
        return (model(xv).argmax(1) == yv).float().mean().item()


PROGRAM = Program(train, causes=("bad_initialisation",), by_definition=True)
