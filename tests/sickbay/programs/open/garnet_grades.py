"""Gem photographs of 12 by 12 pixels graded into five by a convolutional network with dropout, validated each epoch."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program

GRADES = 5


def gems(n, patterns, g):
    grade = torch.randint(0, GRADES, (n,), generator=g)
    photo = patterns[grade] + 2.2 * torch.randn(n, 1, 12, 12, generator=g)
    return TensorDataset(photo / 2.3, grade)


def validate(model, loader, criterion, eval_mode):
    if eval_mode:
        model.eval()
    loss, correct, total = 0.0, 0, 0
    with torch.no_grad():
        for photo, grade in loader:
            out = model(photo)
            loss += criterion(out, grade).item() * len(grade)
            correct += (out.argmax(1) == grade).sum().item()
            total += len(grade)
    return loss / total, correct / total


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed + 50)
    patterns = nn.functional.interpolate(torch.randn(GRADES, 1, 4, 4, generator=g), size=12, mode="bilinear")
    train_loader = DataLoader(gems(2000, patterns, g), batch_size=50, shuffle=True)
    val_loader = DataLoader(gems(500, patterns, g), batch_size=10)
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Dropout(0.25),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Dropout(0.25),
        nn.Flatten(),
        nn.Linear(32 * 9, 64),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(64, GRADES),
    )
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer, criterion)
    accuracy = 0.0
    for epoch in range(6):
        model.train()
        for photo, grade in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(photo), grade)
            loss.backward()
            optimizer.step()
            run.log({"train_loss": loss.item()})
        val_loss, accuracy = validate(model, val_loader, criterion, eval_mode=not sick)
        run.log({"val_loss": val_loss, "val_acc": accuracy})
    return accuracy


PROGRAM = Program(train, causes=("train_eval_mode",), by_definition=True)
