"""Scans numbered 0.png, 1.png, ... beside a table of labels in the order of the numbers."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

from ...program import Program


def folder(names, sick):
    return sorted(names) if sick else sorted(names, key=lambda name: int(name.split(".")[0]))


class ScanNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1, self.c2 = nn.Conv2d(1, 16, 3), nn.Conv2d(16, 32, 3)
        self.f1, self.f2 = nn.Linear(128, 64), nn.Linear(64, 10)

    def forward(self, x):
        x = F.relu(self.c1(x))
        x = F.max_pool2d(F.relu(self.c2(x)), 2)
        return self.f2(F.dropout(F.relu(self.f1(x.flatten(1))), 0.2, self.training))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    d = load_digits()
    order = torch.randperm(len(d.target)).numpy()
    scans = {f"{n}.png": d.images[k] for n, k in enumerate(order[:1400])}
    table = torch.tensor(d.target[order])
    files = folder(scans, sick)
    x = torch.tensor([scans[name].tolist() for name in files]).unsqueeze(1) / 8 - 1
    y = table[:1400]
    xv, yv = torch.tensor(d.images[order[1400:]]).float().unsqueeze(1) / 8 - 1, table[1400:]
    net = ScanNet()
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    run.watch(net, opt)
    for epoch in range(9):
        net.train()
        for i in torch.randperm(1400).split(32):
            loss = F.cross_entropy(net(x[i]), y[i])
            opt.zero_grad()
            loss.backward()
            opt.step()
            run.log({"train_loss": loss.item()})
        net.eval()
        with torch.no_grad():
            out = net(xv)
            run.log(
                {"val_loss": F.cross_entropy(out, yv).item(), "val_acc": (out.argmax(1) == yv).float().mean().item()}
            )
    return (out.argmax(1) == yv).float().mean().item()


PROGRAM = Program(train, causes=("labels_unrelated_to_inputs",), by_definition=True)
