"""Finds the few varnished boards with a blister among the many without: a small CNN on grey patches."""

import torch
from sklearn.metrics import balanced_accuracy_score
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler

from ...program import Program

SIDE = 14


def boards(n, share, g):
    blistered = (torch.rand(n, generator=g) < share).long()
    grain = torch.randn(n, 1, SIDE, SIDE, generator=g)
    yy, xx = torch.meshgrid(torch.arange(SIDE), torch.arange(SIDE), indexing="ij")
    cy, cx = torch.randint(3, SIDE - 3, (2, n), generator=g)
    ring = ((yy - cy.view(-1, 1, 1)) ** 2 + (xx - cx.view(-1, 1, 1)) ** 2).float()
    bump = torch.exp(-ring / 4.0).unsqueeze(1)
    return grain + 1.35 * bump * blistered.view(-1, 1, 1, 1), blistered


def build():
    return nn.Sequential(
        nn.Conv2d(1, 12, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(12, 16, 3, padding=1),
        nn.ReLU(),
        nn.AdaptiveMaxPool2d(1),
        nn.Flatten(),
        nn.Linear(16, 2),
    )


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed + 7)
    x, y = boards(5000, 0.03, g)
    x_test, y_test = boards(1200, 0.5, g)
    data = TensorDataset(x, y)
    if sick:
        loader = DataLoader(data, batch_size=40, shuffle=True)
    else:
        weight = 1.0 / torch.bincount(y).float()
        loader = DataLoader(data, batch_size=40, sampler=WeightedRandomSampler(weight[y].double(), len(y)))

    net = build()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3, weight_decay=1e-4)
    run.watch(net, optimizer, criterion)

    step = 0
    for epoch in range(4):
        for xb, yb in loader:
            out = net(xb)
            loss = criterion(out, yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item(), "accuracy": (out.argmax(1) == yb).float().mean().item()}, step=step)
            step += 1

    net.eval()
    with torch.no_grad():
        return float(balanced_accuracy_score(y_test, net(x_test).argmax(1)))


PROGRAM = Program(train, causes=("class_imbalance",))
