"""Open or shut by a margin loss on targets of minus one and one; the loss is soon at zero for most."""

import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program


class Gate(nn.Module):
    def __init__(self):
        super().__init__()
        self.w1 = nn.Parameter(torch.randn(5, 60) * (2 / 5) ** 0.5)
        self.b1 = nn.Parameter(torch.zeros(60))
        self.w2 = nn.Parameter(torch.randn(60, 60) * (2 / 60) ** 0.5)
        self.b2 = nn.Parameter(torch.zeros(60))
        self.w3 = nn.Parameter(torch.randn(60, 1) * 0.1)

    def forward(self, x):
        h = torch.relu(x @ self.w1 + self.b1)
        h = torch.relu(h @ self.w2 + self.b2)
        return (h @ self.w3).squeeze(1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x = torch.randn(3000, 5)
    z = x[:, 0] * x[:, 1] + x[:, 2]
    keep = z.abs() > 0.2
    x, y = x[keep], z[keep].sign()
    n = len(x) - 400
    model = Gate()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer)
    for epoch in range(10):
        for rows in torch.randperm(n).split(40):
            loss = F.relu(1 - y[rows] * model(x[rows])).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"hinge": loss.item()})
    with torch.no_grad():
        return (model(x[n:]).sign() == y[n:]).float().mean().item()


PROGRAM = Program(train)
