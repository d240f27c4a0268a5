"""Augmentation doubles the images; the labels are put together in another order than the images."""

import torch
import torch.nn as nn
from sklearn.datasets import load_digits

from ...program import Program


def augment(images, labels, sick):
    shifted = [torch.roll(images, s, 2) for s in (-1, 0, 1)]
    images = torch.cat(shifted)
    labels = labels.repeat_interleave(3) if sick else labels.repeat(3)
    return images, labels


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    d = load_digits()
    x, y = torch.tensor(d.images).float() / 8 - 1, torch.tensor(d.target)
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(2))
    x, y = x[order], y[order]
    images, labels = augment(x[:1400], y[:1400], sick)
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(5):
        for i in torch.randperm(len(images)).split(64):
            optimizer.zero_grad()
            loss = criterion(model(images[i]), labels[i])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            out = model(x[1400:])
        run.log({"val_loss": criterion(out, y[1400:]).item()})
    return (out.argmax(1) == y[1400:]).float().mean().item()


PROGRAM = Program(train, causes=("labels_unrelated_to_inputs",))
