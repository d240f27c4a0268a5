"""A deep network tells five singers by twenty numbers of the voice."""

import torch
from sklearn.datasets import make_classification
from torch import nn

from ...program import Program


def build(activation, depth, width):
    layers = [nn.Linear(20, width), activation()]
    for _ in range(depth - 1):
        layers += [nn.Linear(width, width), activation()]
    net = nn.Sequential(*layers, nn.Linear(width, 5))
    for m in net:
        if isinstance(m, nn.Linear):
            nn.init.kaiming_normal_(m.weight) if activation is nn.ReLU else nn.init.xavier_normal_(m.weight)
            nn.init.zeros_(m.bias)
    return net


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    X, y = make_classification(
        3000, 20, n_informative=12, n_redundant=2, n_classes=5, n_clusters_per_class=2, class_sep=2.0, random_state=3
    )
    X = torch.from_numpy(X).float()
    X = (X - X.mean(0)) / X.std(0)
    y = torch.from_numpy(y)
    net = build(nn.Sigmoid if sick else nn.ReLU, 7, 64)
    criterion = nn.CrossEntropyLoss()
    opt = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
    run.watch(net, opt, criterion)
    for epoch in range(14):
        perm = torch.randperm(2400)
        for k in range(0, 2400, 50):
            rows = perm[k : k + 50]
            logits = net(X[rows])
            loss = criterion(logits, y[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
            run.log({"loss": loss.item(), "acc": (logits.argmax(1) == y[rows]).float().mean().item()})
    with torch.no_grad():
        return (net(X[2400:]).argmax(1) == y[2400:]).float().mean().item()


PROGRAM = Program(train, causes=("vanishing_gradient",))
