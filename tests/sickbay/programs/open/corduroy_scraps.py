"""Photographs of striped cloth sorted into six weaves by a small convolutional network and plain SGD."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program

KINDS = 6
SIDE = 16


def make_scraps(count):
    kind = torch.randint(KINDS, (count,))
    angle = kind * math.pi / KINDS + 0.08 * torch.randn(count)
    phase = torch.rand(count) * 2 * math.pi
    pitch = 0.9 + 0.5 * torch.rand(count)
    ys, xs = torch.meshgrid(torch.arange(SIDE), torch.arange(SIDE), indexing="ij")
    along = xs * angle.cos()[:, None, None] + ys * angle.sin()[:, None, None]
    picture = torch.sin(along * pitch[:, None, None] + phase[:, None, None])
    picture = picture + 0.7 * torch.randn(count, SIDE, SIDE)
    return ((picture - picture.mean()) / picture.std()).unsqueeze(1), kind


class WeaveNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 5, padding=2)
        self.conv2 = nn.Conv2d(16, 24, 3, padding=1)
        self.fc1 = nn.Linear(24 * 4 * 4, 48)
        self.fc2 = nn.Linear(48, KINDS)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.relu(self.fc1(x.flatten(1)))
        return self.fc2(x)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = make_scraps(2400)
    x_train, y_train, x_test, y_test = x[:1920], y[:1920], x[1920:], y[1920:]
    net = WeaveNet()
    criterion = nn.CrossEntropyLoss(reduction="sum" if sick else "mean")
    optimizer = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
    run.watch(net, optimizer, criterion)
    for _epoch in range(10):
        order = torch.randperm(len(x_train))
        for rows in order.split(64):
            loss = criterion(net(x_train[rows]), y_train[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    net.eval()
    with torch.no_grad():
        return (net(x_test).argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("loss_reduction",))
