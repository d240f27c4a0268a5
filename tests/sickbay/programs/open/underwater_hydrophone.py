"""Six kinds of sound under water, from hydrophone clips, with a tower of 1-D convolutions."""

import math

import torch
from torch import nn

from ...program import Program

KINDS = 6


def clips(n, length=48):
    kind = torch.randint(0, KINDS, (n,))
    t = torch.arange(length) / length
    pitch = torch.tensor([2.0, 4.0, 6.0, 8.0, 11.0, 14.0])[kind].unsqueeze(1)
    tone = torch.sin(2 * math.pi * (pitch * t + torch.rand(n, 1)))
    clip = tone * (0.6 + 0.8 * torch.rand(n, 1)) + 0.35 * torch.randn(n, length)
    clip = clip / clip.std()
    return clip[:, None], kind


class Tower(nn.Module):
    def __init__(self, activation, depth=10, width=16):
        super().__init__()
        self.stem = nn.Conv1d(1, width, 5, padding=2)
        self.convs = nn.ModuleList([nn.Conv1d(width, width, 3, padding=1) for _ in range(depth)])
        self.activation = activation
        self.pool = nn.AdaptiveAvgPool1d(1)
        self.head = nn.Linear(width, KINDS)
        if isinstance(activation, nn.ReLU):
            for conv in self.convs:
                nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")
                nn.init.zeros_(conv.bias)

    def forward(self, x):
        x = self.activation(self.stem(x))
        for conv in self.convs:
            x = self.activation(conv(x))
        return self.head(self.pool(x).flatten(1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x_train, y_train = clips(2000)
    x_val, y_val = clips(500)
    net = Tower(nn.Sigmoid() if sick else nn.ReLU())
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    run.watch(net, optimizer, criterion)
    for epoch in range(8):
        for batch in torch.randperm(len(x_train)).split(50):
            optimizer.zero_grad()
            loss = criterion(net(x_train[batch]), y_train[batch])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            run.log({"val_loss": criterion(net(x_val), y_val).item()})
    with torch.no_grad():
        return (net(x_val).argmax(1) == y_val).float().mean().item()


PROGRAM = Program(train, causes=("vanishing_gradient",))
