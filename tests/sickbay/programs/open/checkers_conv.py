"""Is the number of stones on a small board even? Convolutions; functional style."""

import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program


def boards(n, g):
    x = torch.zeros(n, 1, 6, 6)
    kind = torch.randint(0, 2, (n,), generator=g)
    r = torch.randint(0, 5, (n,), generator=g)
    c = torch.randint(0, 5, (n,), generator=g)
    sign = torch.randint(0, 2, (n,), generator=g).float() * 2 - 1
    k = torch.arange(n)
    x[k, 0, r, c] = sign
    x[k, 0, r, c + 1] = torch.where(kind == 1, sign, -sign)
    return x + 0.15 * torch.randn(n, 1, 6, 6, generator=g), kind


class BoardNet(nn.Module):
    def __init__(self, sick):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 2)
        self.conv2 = nn.Conv2d(16, 16, 2)
        self.fc = nn.Linear(16 * 16, 2)
        self.sick = sick

    def forward(self, x):
        if self.sick:
            x = self.conv2(self.conv1(x))
        else:
            x = F.relu(self.conv2(F.relu(self.conv1(x))))
        return self.fc(x.flatten(1))


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(5)
    x, y = boards(3000, g)
    x_val, y_val = boards(500, g)
    model = BoardNet(sick)
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    run.watch(model, optimizer)
    for step in range(350):
        i = torch.randint(0, 3000, (64,))
        loss = F.cross_entropy(model(x[i]), y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        return (model(x_val).argmax(1) == y_val).float().mean().item()


PROGRAM = Program(train, causes=("missing_nonlinearity",))
