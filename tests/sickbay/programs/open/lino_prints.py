"""Digits cut in lino, read by a plain convolutional network with momentum and gradient clipping."""

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    images, labels = load_digits(return_X_y=True)
    images = (images.reshape(-1, 1, 8, 8) / 16 - 0.3) / 0.38
    x_train, x_test, y_train, y_test = train_test_split(
        images, labels, test_size=0.25, random_state=seed, stratify=labels
    )
    loader = DataLoader(
        TensorDataset(torch.tensor(x_train, dtype=torch.float32), torch.tensor(y_train)), batch_size=32, shuffle=True
    )
    x_test, y_test = torch.tensor(x_test, dtype=torch.float32), torch.tensor(y_test)
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(512, 48),
        nn.ReLU(),
        nn.Linear(48, 10),
    )
    max_norm = 0.002 if sick else 5.0
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
    run.watch(model, optimizer, criterion)
    for _ in range(10):
        model.train()
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
            optimizer.step()
            run.log({"loss": loss.item(), "grad_norm": norm.item()})
        model.eval()
        with torch.no_grad():
            out = model(x_test)
        run.log({"val/loss": criterion(out, y_test).item(), "val/acc": (out.argmax(1) == y_test).float().mean().item()})
    return (out.argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("clipping_always_on",))
