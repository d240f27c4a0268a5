"""Stripes on wallpaper: direction and width of the pattern, by nine convolutions."""

import math

import torch
from torch import nn

from ...program import Program


def papers(n):
    kind = torch.randint(0, 6, (n,))
    angle = (kind % 3) * math.pi / 3 + 0.1 * torch.randn(n)
    wave = torch.where(kind < 3, 0.9, 1.7)
    row, col = torch.meshgrid(torch.arange(16.0), torch.arange(16.0), indexing="ij")
    along = angle.cos()[:, None, None] * row + angle.sin()[:, None, None] * col
    picture = torch.sin(wave[:, None, None] * along + 6.28 * torch.rand(n, 1, 1)) + 0.5 * torch.randn(n, 16, 16)
    return (picture / picture.std()).unsqueeze(1), kind


class Tower(nn.Module):
    def __init__(self, activation, width=14):
        super().__init__()
        convs = [nn.Conv2d(1, width, 3, padding=1)] + [nn.Conv2d(width, width, 3, padding=1) for _ in range(8)]
        self.convs = nn.ModuleList(convs)
        self.activation = activation
        self.pool = nn.AvgPool2d(2)
        self.fc = nn.Linear(width * 16, 6)
        for conv in self.convs:
            nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")
            nn.init.zeros_(conv.bias)

    def forward(self, x):
        for i, conv in enumerate(self.convs):
            x = self.activation(conv(x))
            if i in (1, 3):
                x = self.pool(x)
        return self.fc(x.flatten(1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = papers(3200)
    model = Tower(torch.sigmoid if sick else torch.relu)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    for epoch in range(8):
        for rows in torch.randperm(2800).split(64):
            optimizer.zero_grad()
            loss = criterion(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        return (model(x[2800:]).argmax(1) == y[2800:]).float().mean().item()


PROGRAM = Program(train, causes=("vanishing_gradient",))
