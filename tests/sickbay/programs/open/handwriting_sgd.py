"""Handwritten digits by a multilayer perceptron and plain SGD, argparse style."""

from types import SimpleNamespace

import torch
from sklearn.datasets import load_digits
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset, random_split

from ...program import Program


def accuracy(model, loader):
    model.eval()
    correct = total = 0
    with torch.no_grad():
        for x, y in loader:
            correct += (model(x).argmax(1) == y).sum().item()
            total += len(y)
    model.train()
    return correct / total


def train(run, *, sick, seed):
    args = SimpleNamespace(lr=1e-5 if sick else 0.1, batch_size=64, epochs=14, hidden=500)
    x, y = load_digits(return_X_y=True)
    x = (torch.tensor(x, dtype=torch.float32) - 4.9) / 6.0
    data = TensorDataset(x, torch.tensor(y))
    training, held = random_split(data, [1437, 360], generator=torch.Generator().manual_seed(seed))
    train_loader = DataLoader(training, batch_size=args.batch_size, shuffle=True)
    test_loader = DataLoader(held, batch_size=360)
    model = nn.Sequential(nn.Linear(64, args.hidden), nn.ReLU(), nn.Linear(args.hidden, 10))
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(model.parameters(), lr=args.lr, momentum=0.5)
    run.watch(model, optimizer)
    for epoch in range(args.epochs):
        for x, y in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.detach()})
        run.log({"val/accuracy": accuracy(model, test_loader)})
    return accuracy(model, test_loader)


PROGRAM = Program(train, causes=("learning_rate_too_low",))
