"""Which alliance an airport belongs to: graph convolutions written with a plain adjacency matrix."""

import torch
from torch import nn

from ...program import Program


def network(g, n=320, groups=4):
    label = torch.arange(n) % groups
    chance = torch.where(label[:, None] == label[None], 0.3, 0.1)
    upper = torch.triu((torch.rand(n, n, generator=g) < chance).float(), 1)
    return upper + upper.T + torch.eye(n), label


class Convolution(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight = nn.Linear(inputs, outputs)

    def forward(self, x, a):
        return a @ self.weight(x)


class Routes(nn.Module):
    def __init__(self, inputs, hidden, outputs):
        super().__init__()
        self.first = nn.Linear(inputs, hidden)
        self.layers = nn.ModuleList(Convolution(hidden, hidden) for _ in range(5))
        self.last = nn.Linear(hidden, outputs)

    def forward(self, x, a):
        x = self.first(x)
        for layer in self.layers:
            x = x + torch.relu(layer(x, a))
        return self.last(x)


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(20 + seed)
    a, y = network(g)
    x = nn.functional.one_hot(y, 4).float() @ torch.randn(4, 16, generator=g) + 1.2 * torch.randn(320, 16, generator=g)
    if not sick:
        degree = a.sum(1)
        a = a / (degree[:, None] * degree[None]).sqrt()
    known = torch.rand(320, generator=g) < 0.5
    net = Routes(16, 32, 4)
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    ce = nn.CrossEntropyLoss()
    run.watch(net, optimizer, ce)
    for epoch in range(200):
        optimizer.zero_grad()
        out = net(x, a)
        loss = ce(out[known], y[known])
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item(), "val/loss": ce(out[~known], y[~known]).item()})
    with torch.no_grad():
        return (net(x, a).argmax(1) == y)[~known].float().mean().item()


PROGRAM = Program(train, causes=("exploding_activation",))
