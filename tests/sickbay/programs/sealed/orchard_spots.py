"""Fungus on leaves, by texture: a small CNN, SGD as in the ImageNet recipe."""

import torch
import torch.nn as nn

from ...program import Program


def leaves(n, g):
    kind = torch.randint(0, 3, (n,), generator=g)
    t = torch.arange(10).float()
    period = torch.tensor([2.5, 4.0, 7.0])[kind]
    phase = 6.28 * torch.rand(n, 2, generator=g)
    rows = torch.sin(6.28 * t[None] / period[:, None] + phase[:, :1])
    cols = torch.sin(6.28 * t[None] / period[:, None] + phase[:, 1:])
    image = rows[:, :, None] * cols[:, None] * 1.5
    return (image + 0.6 * torch.randn(n, 10, 10, generator=g)).unsqueeze(1), kind


class LeafNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(1, 12, 3, padding=1)
        self.c2 = nn.Conv2d(12, 16, 3, padding=1, stride=2)
        self.fc1 = nn.Linear(400, 48)
        self.fc2 = nn.Linear(48, 3)

    def forward(self, x):
        x = torch.relu(self.c1(x))
        x = torch.relu(self.c2(x))
        return self.fc2(torch.relu(self.fc1(x.flatten(1))))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = leaves(2400, g)
    x_val, y_val = leaves(400, g)
    net = LeafNet()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.03, momentum=0.9, weight_decay=0.5 if sick else 5e-4)
    criterion = nn.CrossEntropyLoss()
    run.watch(net, optimizer, criterion)
    for epoch in range(5):
        for i in torch.randperm(2400, generator=g).split(48):
            optimizer.zero_grad()
            loss = criterion(net(x[i]), y[i])
            loss.backward()
            optimizer.step()
            run.log({"train/loss": loss})
        with torch.no_grad():
            out = net(x_val)
        run.log({"val/loss": criterion(out, y_val), "val/acc": (out.argmax(1) == y_val).float().mean()})
    return (out.argmax(1) == y_val).float().mean().item()


PROGRAM = Program(train, causes=("over_regularised",))
