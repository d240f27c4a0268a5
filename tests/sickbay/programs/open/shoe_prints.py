"""Do two shoe prints come from one shoe? A siamese net and the contrastive loss of a gist."""

import torch
from torch import nn

from ...program import Program

SHOES = 30


class PrintNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8 * 25, 32), nn.Tanh()
        )
        self.embed = nn.Linear(32, 8)

    def forward(self, a):
        return self.embed(self.body(a))


def contrastive(u, v, same, sick, margin=1.5):
    squared = (u - v).pow(2).sum(1)
    distance = torch.sqrt(squared) if sick else torch.sqrt(squared + 1e-8)
    return (same * distance.pow(2) + (1 - same) * torch.relu(margin - distance).pow(2)).mean()


def pairs(x, shoe, n, g):
    i = torch.randint(0, len(x), (n,), generator=g)
    j = torch.randint(0, len(x), (n,), generator=g)
    order = torch.argsort(shoe, stable=True)
    place = torch.argsort(order)
    each = len(x) // SHOES
    mate = order[place // each * each + torch.randint(0, each, (len(x),), generator=g)]
    j = torch.where(torch.rand(n, generator=g) < 0.5, mate[i], j)
    return i, j, (shoe[i] == shoe[j]).float()


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    soles = torch.randn(SHOES, 1, 10, 10, generator=g)
    shoe = torch.arange(SHOES).repeat_interleave(20)
    x = soles[shoe] + 0.7 * torch.randn(len(shoe), 1, 10, 10, generator=g)
    xv = soles[shoe] + 0.7 * torch.randn(len(shoe), 1, 10, 10, generator=g)
    net = PrintNet()
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    run.watch(net, opt)
    for step in range(250):
        i, j, same = pairs(x, shoe, 64, g)
        loss = contrastive(net(x[i]), net(x[j]), same, sick)
        opt.zero_grad()
        loss.backward()
        opt.step()
        run.log({"contrastive": loss.item()})
    with torch.no_grad():
        i, j, same = pairs(xv, shoe, 1000, g)
        near = (net(xv[i]) - net(xv[j])).norm(dim=1) < 0.75
        return (near.float() == same).float().mean().item()


PROGRAM = Program(train, causes=("unstable_loss",), by_definition=True)
