"""Does depth help? A tower of thirty plain layers on noisy classes."""

import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program


class Block(nn.Module):
    def __init__(self, dim, skip):
        super().__init__()
        self.fc = nn.Linear(dim, dim)
        nn.init.kaiming_normal_(self.fc.weight, nonlinearity="relu")
        nn.init.zeros_(self.fc.bias)
        self.skip = skip

    def forward(self, x):
        if self.skip:
            return x + F.relu(self.fc(x)) / 12
        return F.relu(self.fc(x))


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    centre = torch.randn(10, 4, 16, generator=g)

    def sample(n):
        y = torch.randint(10, (n,), generator=g)
        k = torch.randint(4, (n,), generator=g)
        return centre[y, k] + 0.5 * torch.randn(n, 16, generator=g), y

    x, y = sample(3000)
    xt, yt = sample(600)
    net = nn.Sequential(nn.Linear(16, 32), *[Block(32, not sick) for _ in range(30)], nn.Linear(32, 10))
    criterion = nn.CrossEntropyLoss()
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    run.watch(net, opt, criterion)
    for step in range(250):
        b = torch.randint(3000, (64,), generator=g)
        loss = criterion(net(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        run.log({"loss": loss})
    with torch.no_grad():
        return (net(xt).argmax(1) == yt).float().mean().item()


PROGRAM = Program(train, causes=("degradation_with_depth",))
