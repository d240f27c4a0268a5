"""Single-label tags of synthetic photos, log-probabilities by hand in the forward."""

import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program


def photos(n, g):
    base = torch.randn(16, 3, 8, 8, generator=torch.Generator().manual_seed(77))
    y = torch.randint(0, 16, (n,), generator=g)
    return base[y] * 0.4 + torch.randn(n, 3, 8, 8, generator=g), y


class TagNet(nn.Module):
    def __init__(self, sick):
        super().__init__()
        self.c1 = nn.Conv2d(3, 16, 3)
        self.c2 = nn.Conv2d(16, 24, 3)
        self.fc = nn.Linear(24 * 16, 16)
        self.sick = sick

    def forward(self, x):
        x = F.leaky_relu(self.c1(x), 0.1)
        x = F.leaky_relu(self.c2(x), 0.1)
        x = self.fc(x.flatten(1))
        return F.softmax(x, dim=-1) if self.sick else F.log_softmax(x, dim=-1)


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(3)
    x, y = photos(1500, g)
    xv, yv = photos(400, g)
    net = TagNet(sick)
    criterion = nn.NLLLoss()
    opt = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    run.watch(net, opt, criterion)
    for step in range(260):
        i = torch.randint(0, 1500, (48,))
        out = net(x[i])
        loss = criterion(out, y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
        run.log({"loss": loss.item()})
    net.eval()
    with torch.no_grad():
        return (net(xv).argmax(1) == yv).float().mean().item()


PROGRAM = Program(train, causes=("loss_output_mismatch",), by_definition=True)
