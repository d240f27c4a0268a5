"""Land use of small image patches; weights are drawn by hand as in an old thesis."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program


def patches(n, protos, g):
    label = torch.randint(6, (n,), generator=g)
    img = protos[label] + 1.6 * torch.randn(n, 3, 8, 8, generator=g)
    return img / 1.9, label


class LandUse(nn.Module):
    def __init__(self, std):
        super().__init__()
        self.fc1 = nn.Linear(192, 128)
        self.fc2 = nn.Linear(128, 128)
        self.fc3 = nn.Linear(128, 64)
        self.fc4 = nn.Linear(64, 6)
        if std is not None:
            self.apply(lambda m: self._init(m, std))

    @staticmethod
    def _init(m, std):
        if isinstance(m, nn.Linear):
            m.weight.data.normal_(0.0, std)
            m.bias.data.fill_(0)

    def forward(self, x):
        x = x.flatten(1)
        x = torch.tanh(self.fc1(x))
        x = torch.tanh(self.fc2(x))
        x = torch.tanh(self.fc3(x))
        return self.fc4(x)


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    protos = torch.randn(6, 3, 8, 8, generator=g)
    x, y = patches(1800, protos, g)
    xt, yt = patches(600, protos, g)
    net = LandUse(1.0 if sick else None)
    optimizer = torch.optim.Adam(net.parameters(), lr=5e-4)
    run.watch(net, optimizer)
    for epoch in range(8):
        for idx in torch.randperm(1800, generator=g).split(45):
            loss = F.cross_entropy(net(x[idx]), y[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            run.log({"val_loss": F.cross_entropy(net(xt), yt).item()})
    return (net(xt).argmax(1) == yt).float().mean().item()


PROGRAM = Program(train, causes=("bad_initialisation",))
