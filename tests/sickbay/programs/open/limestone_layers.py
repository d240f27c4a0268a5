"""A very deep stack of normalised fully connected blocks names eight kinds of limestone from drill readings."""

import torch
from torch import nn

from ...program import Program

KINDS, READINGS, WIDTH, DEPTH = 8, 20, 48, 24


class Block(nn.Module):
    def __init__(self, skip):
        super().__init__()
        self.norm = nn.BatchNorm1d(WIDTH)
        self.linear = nn.Linear(WIDTH, WIDTH)
        self.skip = skip

    def forward(self, x):
        out = self.linear(torch.relu(self.norm(x)))
        return x + out if self.skip else out


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    kind = torch.randint(0, KINDS, (2400,))
    centres = torch.randn(KINDS, 2, READINGS)
    side = torch.randint(0, 2, (2400,))
    readings = 1.3 * centres[kind, side] + torch.randn(2400, READINGS)
    readings = (readings - readings.mean(0)) / readings.std(0)
    model = nn.Sequential(
        nn.Linear(READINGS, WIDTH),
        *[Block(skip=not sick) for _ in range(DEPTH)],
        nn.BatchNorm1d(WIDTH),
        nn.ReLU(),
        nn.Linear(WIDTH, KINDS),
    )
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(7):
        model.train()
        for rows in torch.randperm(2000).split(80):
            optimizer.zero_grad()
            loss = criterion(model(readings[rows]), kind[rows])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    model.eval()
    with torch.no_grad():
        return (model(readings[2000:]).argmax(1) == kind[2000:]).float().mean().item()


PROGRAM = Program(train, causes=("degradation_with_depth",))
