"""Estimates the grade of sugar beets from sixteen assay readings with a deep fully connected net."""

import torch
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn

from ...program import Program


def deep_net(act, depth=9, width=40):
    layers = [nn.Linear(16, width), act()]
    for _ in range(depth - 1):
        layers += [nn.Linear(width, width), act()]
    net = nn.Sequential(*layers, nn.Linear(width, 5))
    for m in net:
        if isinstance(m, nn.Linear):
            if act is nn.ReLU:
                nn.init.kaiming_normal_(m.weight, nonlinearity="relu")
            else:
                nn.init.xavier_normal_(m.weight)
            nn.init.zeros_(m.bias)
    nn.init.xavier_normal_(net[-1].weight)
    return net


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = make_classification(
        3000, 16, n_informative=12, n_redundant=2, n_classes=5, n_clusters_per_class=1, class_sep=1.6, random_state=seed
    )
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.2, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(x_train)
    x_train = torch.tensor(scaler.transform(x_train), dtype=torch.float32)
    x_test = torch.tensor(scaler.transform(x_test), dtype=torch.float32)
    y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)

    net = deep_net(nn.Sigmoid if sick else nn.ReLU)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
    run.watch(net, optimizer, criterion)

    for epoch in range(10):
        for rows in torch.randperm(len(x_train)).split(48):
            optimizer.zero_grad()
            loss = criterion(net(x_train[rows]), y_train[rows])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            run.log({"val_loss": criterion(net(x_test), y_test).item()})
    with torch.no_grad():
        return (net(x_test).argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("vanishing_gradient",))
