"""A deep network of sigmoids as in an old textbook, trained by SGD."""

import torch
import torch.nn as nn
from sklearn.datasets import load_digits

from ...program import Program


def make_net(depth, activation):
    layers = [nn.Linear(64, 40), activation()]
    for _ in range(depth):
        layers += [nn.Linear(40, 40), activation()]
    layers.append(nn.Linear(40, 10))
    return nn.Sequential(*layers)


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    d = load_digits()
    inputs = torch.tensor(d.data).float().div(8).sub(1)
    labels = torch.tensor(d.target)
    net = make_net(8, nn.Sigmoid if sick else nn.ReLU)
    if not sick:
        for layer in net:
            if isinstance(layer, nn.Linear):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    run.watch(net, optimizer, criterion)
    for step in range(400):
        pick = torch.randint(1400, (50,))
        optimizer.zero_grad()
        out = net(inputs[pick])
        loss = criterion(out, labels[pick])
        loss.backward()
        optimizer.step()
        acc = (out.argmax(1) == labels[pick]).float().mean()
        run.log({"loss": loss.item(), "train/accuracy": acc.item()})
    return (net(inputs[1400:]).argmax(1) == labels[1400:]).float().mean().item()


PROGRAM = Program(train, causes=("vanishing_gradient",))
