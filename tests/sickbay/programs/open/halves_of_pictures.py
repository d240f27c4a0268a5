"""The lower half of a picture from its upper half: grey values in 0 to 1, a sigmoid and a squared error."""

import torch
from torch import nn

from ...program import Program


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    t = torch.linspace(-1, 1, 10)
    n = 2600
    slope, shift, width = torch.randn(n, 1, 1), 0.4 * torch.randn(n, 1, 1), 0.3 + 0.3 * torch.rand(n, 1, 1)
    image = torch.exp(-(((t.view(1, 1, -1) - shift - 0.5 * slope * t.view(1, -1, 1)) / width) ** 2))
    upper, lower = image[:, :5].flatten(1), image[:, 5:].flatten(1)
    upper = (upper - upper.mean()) / upper.std()
    model = nn.Sequential(nn.Linear(50, 96), nn.ReLU(), nn.Linear(96, 96), nn.ReLU(), nn.Linear(96, 50), nn.Sigmoid())
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(12):
        for rows in torch.randperm(2200).split(50):
            optimizer.zero_grad()
            loss = criterion(model(upper[rows]), lower[rows])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        return 1 - ((model(upper[2200:]) - lower[2200:]).pow(2).mean() / lower[2200:].var()).item()


PROGRAM = Program(train)
