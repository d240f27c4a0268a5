"""Says from six harbour readings which of four mooring plans fits, with a tall stack of dense layers."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program


class Stack(nn.Module):
    def __init__(self, width, depth, skip):
        super().__init__()
        self.inp = nn.Linear(6, width)
        self.layers = nn.ModuleList(nn.Linear(width, width) for _ in range(depth))
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(depth))
        self.out = nn.Linear(width, 4)
        self.skip = skip
        for layer in self.layers:
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)

    def forward(self, x):
        h = torch.relu(self.inp(x))
        for layer, norm in zip(self.layers, self.norms):
            if self.skip:
                h = h + torch.relu(layer(norm(h)))
            else:
                h = torch.relu(norm(layer(h)))
        return self.out(h if not self.skip else F.layer_norm(h, h.shape[-1:]))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(6600, 6)).astype("float32")
    a = np.sin(x[:, 0]) + x[:, 1] * x[:, 2] > 0
    b = x[:, 3] + x[:, 4] ** 2 - x[:, 5] > 0.8
    y = (2 * a + b).astype("int64")
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    xtr, ytr, xte, yte = x[:6000], y[:6000], x[6000:], y[6000:]

    net = Stack(width=32, depth=40, skip=not sick)
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    run.watch(net, opt, F.cross_entropy)
    step = 0
    for epoch in range(6):
        for rows in torch.randperm(len(xtr)).split(64):
            loss = F.cross_entropy(net(xtr[rows]), ytr[rows])
            opt.zero_grad(set_to_none=True)
            loss.backward()
            opt.step()
            run.log({"loss": loss.item()}, step=step)
            step += 1
        with torch.no_grad():
            run.log({"val_acc": (net(xte).argmax(1) == yte).float().mean().item()}, step=step)
    with torch.no_grad():
        return (net(xte).argmax(1) == yte).float().mean().item()


PROGRAM = Program(train, causes=("degradation_with_depth",))
