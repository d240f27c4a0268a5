"""Worn coins: a convolutional network reads the numeral on the face."""

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

from ...program import Program


def accuracy(net, loader):
    net.eval()
    hits = [(net(x).argmax(1) == y).float() for x, y in loader]
    net.train()
    return torch.cat(hits).mean().item()


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    d = load_digits()
    x = torch.tensor(d.images, dtype=torch.float32)[:, None]
    x = x + 2.5 * torch.randn(x.shape)
    x = (x - x.mean()) / x.std()
    full = TensorDataset(x, torch.tensor(d.target))
    train_set, test_set = random_split(full, [1400, 397])
    train_loader = DataLoader(train_set, batch_size=64, shuffle=True)
    test_loader = DataLoader(test_set, batch_size=397)
    net = nn.Sequential(
        nn.Conv2d(1, 20, 3, padding=1),
        nn.LeakyReLU(0.1),
        nn.Conv2d(20, 32, 3, padding=1),
        nn.LeakyReLU(0.1),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(512, 64),
        nn.LeakyReLU(0.1),
        nn.Linear(64, 10),
    )
    decay = 0.15 if sick else 1e-4
    opt = torch.optim.SGD(net.parameters(), lr=0.03, momentum=0.9, weight_decay=decay)
    loss_fn = nn.CrossEntropyLoss()
    run.watch(net, opt, loss_fn)
    for epoch in range(14):
        for xb, yb in train_loader:
            loss = loss_fn(net(xb), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            run.log({"acc": accuracy(net, test_loader)})
    with torch.no_grad():
        return accuracy(net, test_loader)


PROGRAM = Program(train, causes=("over_regularised",))
