"""Residues of a protein chain: messages along the contact graph, one linear layer for each round."""

import torch
from torch import nn

from ...program import Program


class ContactNet(nn.Module):
    def __init__(self, width, rounds, kinds, sick):
        super().__init__()
        self.lift = nn.Linear(6, width)
        rounds = [nn.Linear(2 * width, width) for _ in range(rounds)]
        self.rounds = rounds if sick else nn.ModuleList(rounds)
        self.out = nn.Linear(width, kinds)

    def forward(self, x, contacts):
        h = torch.relu(self.lift(x))
        for layer in self.rounds:
            h = torch.relu(layer(torch.cat([h, contacts @ h], -1)))
        return self.out(h)


def chains(n, g, length=20):
    x = torch.randn(n, length, 6, generator=g)
    near = (torch.rand(n, length, length, generator=g) < 0.15).float()
    near = ((near + near.transpose(1, 2)) > 0).float()
    near = near / near.sum(-1, keepdim=True).clamp(min=1)
    around = near @ x
    y = (around[..., 0] > 0.1).long() + 2 * (x[..., 3] * x[..., 4] > 0).long()
    return x, near, y


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, a, y = chains(600, g)
    xv, av, yv = chains(100, g)
    net = ContactNet(12, 3, 4, sick)
    opt = torch.optim.Adam(net.parameters(), lr=4e-3)
    loss_fn = nn.CrossEntropyLoss()
    run.watch(net, opt, loss_fn)
    for step in range(400):
        i = torch.randint(0, 600, (12,), generator=g)
        loss = loss_fn(net(x[i], a[i]).flatten(0, 1), y[i].flatten())
        opt.zero_grad()
        loss.backward()
        opt.step()
        run.log({"loss": loss})
        if step % 50 == 49:
            with torch.no_grad():
                run.log({"valid/loss": loss_fn(net(xv, av).flatten(0, 1), yv.flatten())})
    with torch.no_grad():
        return (net(xv, av).argmax(-1) == yv).float().mean().item()


PROGRAM = Program(train, causes=("not_in_optimizer",), by_definition=True)
