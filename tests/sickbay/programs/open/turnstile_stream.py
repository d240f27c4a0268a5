"""Passengers come one by one: each batch of eight is new, the loss is noisy, no epoch ever ends."""

import torch
from torch import nn

from ...program import Program


class Stream(torch.utils.data.IterableDataset):
    def __init__(self, seed):
        self.g = torch.Generator().manual_seed(seed)

    def __iter__(self):
        while True:
            x = torch.randn(6, generator=self.g)
            z = 2.2 * x[0] - 1.6 * x[1] * x[2] + x[3].abs() - 0.8 + 0.4 * torch.randn((), generator=self.g)
            yield x, (z > 0).float()


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    stream = iter(torch.utils.data.DataLoader(Stream(seed), batch_size=8))
    model = nn.Sequential(nn.Linear(6, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    for step in range(800):
        x, y = next(stream)
        optimizer.zero_grad()
        loss = criterion(model(x).squeeze(-1), y)
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        pairs = [next(stream) for _ in range(60)]
        x, y = torch.cat([a for a, _ in pairs]), torch.cat([b for _, b in pairs])
        return ((model(x).squeeze(-1) > 0) == (y > 0.5)).float().mean().item()


PROGRAM = Program(train)
