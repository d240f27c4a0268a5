"""The field of two coils at a point: a small regression network in a class."""

import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program


class FieldNet(nn.Module):
    def __init__(self, sick):
        super().__init__()
        self.lin1 = nn.Linear(3, 64)
        self.lin2 = nn.Linear(64, 64)
        self.lin3 = nn.Linear(64, 1)
        self.sick = sick

    def forward(self, x):
        x = self.lin1(x)
        if self.sick:
            F.relu(x)
        else:
            x = F.relu(x)
        x = self.lin2(x)
        if self.sick:
            F.relu(x)
        else:
            x = F.relu(x)
        return self.lin3(x)


def field(p):
    near, far = p[:, 2] - 0.5, p[:, 2] + 0.5
    r = p[:, 0] ** 2 + p[:, 1] ** 2
    return (1 / (0.5 + r + near**2) + 1 / (0.5 + r + far**2) + 0.3 * p[:, 0]).unsqueeze(1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    p = 2 * torch.rand(3000, 3) - 1
    b = field(p)
    b = (b - b.mean()) / b.std()
    model = FieldNet(sick)
    criterion = nn.L1Loss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(8):
        for i in torch.randperm(2400).split(48):
            loss = criterion(model(p[i]), b[i])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss})
    with torch.no_grad():
        return 1 - (model(p[2400:]) - b[2400:]).pow(2).mean().item() / b[2400:].var().item()


PROGRAM = Program(train, causes=("missing_nonlinearity",), by_definition=True)
