"""A plain tower of eighty layers for a curved border, wider nets having been too slow."""

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
                    floor.weight.mul_(0.1)

    def forward(self, x):
        x = self.stem(x)
        for floor in self.floors:
            y = torch.relu(floor(x))
            x = x + y if self.skip else y
        return self.roof(x)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x = torch.randn(6500, 10)
    s = torch.sin(2 * x[:, 0]) + x[:, 1] * x[:, 2]
    y = (s > -0.5).long() + (s > 0.5).long()
    model = Tower(80, 20, skip=not sick)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    for epoch in range(5):
        for i in torch.randperm(6000).split(100):
            loss = criterion(model(x[i]), y[i])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            out = model(x[6000:])
            run.log({"val_loss": criterion(out, y[6000:]).item()})
    return (out.argmax(1) == y[6000:]).float().mean().item()


PROGRAM = Program(train, causes=("degradation_with_depth",))
