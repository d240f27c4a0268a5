"""Pebbles from eight drawers, told apart by outline and speckle, by a convolutional network."""

import torch
from torch import nn

from ...program import Program

DRAWERS = 8
BATCH = 32


def drawer_photos(per_drawer, gen):
    ys, xs = torch.meshgrid(torch.linspace(-1, 1, 16), torch.linspace(-1, 1, 16), indexing="ij")
    photos, labels = [], []
    for drawer in range(DRAWERS):
        long, tilt, speckled = drawer % 2, drawer // 2 % 2, drawer // 4
        shift = 0.2 * torch.randn(per_drawer, 2, 1, 1, generator=gen)
        u, v = xs - shift[:, 0], ys - shift[:, 1]
        if tilt:
            u, v = (u + v) / 1.414, (u - v) / 1.414
        inside = torch.sigmoid(
            12 * (0.6 - torch.sqrt((u * (1.0 if long else 1.5)) ** 2 + (v * (2.2 if long else 0.9)) ** 2))
        )
        grain = torch.randn(per_drawer, 16, 16, generator=gen) * (0.9 if speckled else 0.25)
        photos.append(inside * (1.5 + grain) + 0.3 * torch.randn(per_drawer, 16, 16, generator=gen))
        labels.append(torch.full((per_drawer,), drawer))
    photos = torch.stack(photos)
    return ((photos - photos.mean()) / photos.std()).unsqueeze(2), torch.stack(labels)


def drawer_by_drawer(photos, labels, gen):
    for drawer in range(DRAWERS):
        for rows in torch.randperm(photos.shape[1], generator=gen).split(BATCH):
            yield photos[drawer, rows], labels[drawer, rows]


def all_together(photos, labels, gen):
    photos, labels = photos.flatten(0, 1), labels.flatten()
    for rows in torch.randperm(len(photos), generator=gen).split(BATCH):
        yield photos[rows], labels[rows]


def conv(a, b):
    return nn.Sequential(nn.Conv2d(a, b, 3, padding=1), nn.LeakyReLU(0.1), nn.MaxPool2d(2))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    gen = torch.Generator().manual_seed(seed)
    photos, labels = drawer_photos(264, gen)
    fit, fit_labels = photos[:, :224], labels[:, :224]
    model = nn.Sequential(conv(1, 12), conv(12, 24), conv(24, 32), nn.Flatten(), nn.Linear(128, DRAWERS))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    batches = drawer_by_drawer if sick else all_together
    for _epoch in range(9):
        for x, y in batches(fit, fit_labels, gen):
            loss = criterion(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    model.eval()
    with torch.no_grad():
        guess = model(photos[:, 224:].flatten(0, 1)).argmax(1)
    return (guess == labels[:, 224:].flatten()).float().mean().item()


PROGRAM = Program(train, causes=("single_label_batches",), by_definition=True)
