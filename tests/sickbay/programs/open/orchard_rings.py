"""Which of three rings of trees a seedling belongs to, from its coordinates, by a four-layer perceptron."""

import torch
import torch.nn as nn

from ...program import Program


def seedlings(count, gen):
    ring = torch.randint(3, (count,), generator=gen)
    radius = 1.0 + ring + 0.18 * torch.randn(count, generator=gen)
    angle = 6.2832 * torch.rand(count, generator=gen)
    place = torch.stack([radius * angle.cos(), radius * angle.sin()], 1)
    return place / place.std(0), ring


class RingNet(nn.Module):
    def __init__(self, relu):
        super().__init__()
        self.fc1 = nn.Linear(2, 128)
        self.fc2 = nn.Linear(128, 128)
        self.fc3 = nn.Linear(128, 64)
        self.fc4 = nn.Linear(64, 3)
        self.relu = relu

    def forward(self, place):
        if not self.relu:
            return self.fc4(self.fc3(self.fc2(self.fc1(place))))
        h = torch.relu(self.fc1(place))
        h = torch.relu(self.fc2(h))
        return self.fc4(torch.relu(self.fc3(h)))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    gen = torch.Generator().manual_seed(seed)
    x, y = seedlings(3000, gen)
    net = RingNet(relu=not sick)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    run.watch(net, optimizer, criterion)
    for _epoch in range(15):
        order = torch.randperm(2400, generator=gen)
        for rows in order.split(60):
            optimizer.zero_grad()
            loss = criterion(net(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        return (net(x[2400:]).argmax(1) == y[2400:]).float().mean().item()


PROGRAM = Program(train, causes=("missing_nonlinearity",), by_definition=True)
