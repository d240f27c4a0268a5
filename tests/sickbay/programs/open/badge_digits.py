"""Scikit-learn's digits as the numbers of name badges, by a small convolutional network in two parts."""

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

from ...program import Program


class BadgeReader(nn.Module):
    """Features, then a classifier."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 12, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(12, 6, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
        )
        self.classifier = nn.Linear(6 * 2 * 2, 10)

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    digits = load_digits()
    a, b, ya, yb = train_test_split(
        digits.images, digits.target, test_size=0.25, random_state=seed, stratify=digits.target
    )
    mean, std = a.mean(), a.std()
    a = torch.tensor((a - mean) / std, dtype=torch.float32)[:, None]
    b = torch.tensor((b - mean) / std, dtype=torch.float32)[:, None]
    ya, yb = torch.tensor(ya), torch.tensor(yb)
    model = BadgeReader()
    trained = model.classifier if sick else model
    optimizer = torch.optim.Adam(trained.parameters(), lr=0.005)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    for epoch in range(12):
        correct = 0
        for rows in torch.randperm(len(a)).split(32):
            optimizer.zero_grad()
            out = model(a[rows])
            loss = criterion(out, ya[rows])
            loss.backward()
            optimizer.step()
            correct += (out.argmax(1) == ya[rows]).sum().item()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            accuracy = (model(b).argmax(1) == yb).float().mean().item()
        run.log({"train_accuracy": correct / len(a), "test_accuracy": accuracy, "epoch": epoch})
    return accuracy


PROGRAM = Program(train, causes=("not_in_optimizer",), by_definition=True)
