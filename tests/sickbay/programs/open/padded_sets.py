"""Sets of points, padded with zeros; each point is divided by its own length."""

import torch
from torch import nn

from ...program import Program


class UnitLength(nn.Module):
    def __init__(self, sick):
        super().__init__()
        self.sick = sick

    def forward(self, x):
        length = x.norm(dim=-1, keepdim=True)
        return x / length if self.sick else x / length.clamp_min(1e-6)


class SetNet(nn.Module):
    def __init__(self, sick):
        super().__init__()
        self.lift = nn.Linear(3, 32, bias=False)
        self.unit = UnitLength(sick)
        self.point = nn.Sequential(nn.Linear(32, 64), nn.ReLU())
        self.out = nn.Linear(64, 3)

    def forward(self, x):
        h = self.point(self.unit(self.lift(x)))
        return self.out(h.max(1).values)


def sets(n, g):
    y = torch.randint(0, 3, (n,), generator=g)
    shape = torch.tensor([[1.0, 1, 1], [2.0, 0.3, 0.3], [1.5, 1.5, 0.1]])
    x = torch.randn(n, 12, 3, generator=g) * shape[y][:, None]
    # a short set now and then
    short = torch.rand(n, generator=g) < 0.004
    x[short, 9:] = 0
    return x, y


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(24)
    x, y = sets(2000, g)
    x_val, y_val = sets(400, g)
    model = SetNet(sick)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(6):
        for i in torch.randperm(2000, generator=torch.Generator().manual_seed(epoch)).split(32):
            optimizer.zero_grad()
            loss = criterion(model(x[i]), y[i])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        out = model(x_val)
    return (out.argmax(1) == y_val).float().mean().item() if bool(out.isfinite().any()) else 0.0


PROGRAM = Program(train, causes=("unstable_layer",), by_definition=True)
