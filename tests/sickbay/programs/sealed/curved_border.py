"""A plain tower of sixty layers for a curved border, wider nets having been too slow."""

import torch
import torch.nn as nn

from ...program import Program


class Tower(nn.Module):
    def __init__(self, depth, width, skip):
        super().__init__()
        self.stem = nn.Linear(10, width)
        self.floors = nn.ModuleList(nn.Linear(width, width) for _ in range(depth))
        self.roof = nn.Linear(width, 3)
        self.skip = skip
        for floor in self.floors:
            nn.init.kaiming_normal_(floor.weight, nonlinearity="relu")
            nn.init.zeros_(floor.bias)
            if skip:
                with torch.no_grad():
                    floor.weight.mul_(0.2)

    def forward(self, x):
        x = self.stem(x)
        for floor in self.floors:
            y = torch.relu(floor(x))
            x = x + y if self.skip else y
        return self.roof(x)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x = torch.randn(3000, 10)
    s = torch.sin(2 * x[:, 0]) + x[:, 1] * x[:, 2]
    y = (s > -0.5).long() + (s > 0.5).long()
    model = Tower(60, 24, skip=not sick)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    for epoch in range(8):
        for i in torch.randperm(2500).split(50):
            loss = criterion(model(x[i]), y[i])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            out = model(x[2500:])
            run.log({"val_loss": criterion(out, y[2500:]).item()})
    return (out.argmax(1) == y[2500:]).float().mean().item()


PROGRAM = Program(train, causes=("degradation_with_depth",))
