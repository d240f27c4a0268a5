"""Animals of the tidal pool counted per square metre, by two layers of tanh."""

import torch
from torch import nn

from ...program import Program


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x = torch.randn(2600, 6)
    y = torch.cos(1.5 * x[:, 0]) + x[:, 1] * x[:, 2] + 0.5 * x[:, 3] + 0.1 * torch.randn(2600)
    y = ((y - y.mean()) / y.std()).unsqueeze(1)
    model = nn.Sequential(nn.Linear(6, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 1))
    criterion = nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    run.watch(model, optimizer, criterion)
    max_norm = 0.001 if sick else 5.0
    for epoch in range(14):
        for rows in torch.randperm(2100).split(50):
            optimizer.zero_grad()
            loss = criterion(model(x[rows]), y[rows])
            loss.backward()
            norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
            optimizer.step()
            run.log({"loss": loss.item(), "grad_norm": norm.item()})
    with torch.no_grad():
        return max(0.0, 1 - (criterion(model(x[2100:]), y[2100:]) / y[2100:].var()).item())


PROGRAM = Program(train, causes=("clipping_always_on",))
