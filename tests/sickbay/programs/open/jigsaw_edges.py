"""Five kinds of jigsaw piece told apart in 8-bit camera images by a convolutional network with global pooling."""

import numpy as np
import torch
import torch.nn as nn

from ...program import Program


def camera_images(count, rng):
    kinds = rng.integers(0, 5, count)
    images = rng.integers(20, 70, (count, 20, 20))
    for image, kind in zip(images, kinds, strict=True):
        r, c = rng.integers(4, 10, 2)
        light = rng.integers(90, 160)
        if kind == 0:
            image[r : r + 7, c : c + 7] += light
        elif kind == 1:
            image[r : r + 7, c] += light
            image[r : r + 7, c + 6] += light
        elif kind == 2:
            image[r, c : c + 7] += light
            image[r + 6, c : c + 7] += light
        elif kind == 3:
            image[range(r, r + 7), range(c, c + 7)] += light
        else:
            image[r + 3, c : c + 7] += light
            image[r : r + 3, c + 3] += light
            image[r + 4 : r + 7, c + 3] += light
    return images.astype(np.uint8), kinds


def to_tensor(images, sick):
    scaled = images // 255 if sick else images / 255.0
    return (torch.tensor(scaled, dtype=torch.float32).unsqueeze(1) - 0.2) / 0.15


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    images, kinds = camera_images(2200, rng)
    x, y = to_tensor(images, sick), torch.from_numpy(kinds)
    net = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(32, 32, 3, padding=1),
        nn.ReLU(),
        nn.AdaptiveMaxPool2d(1),
        nn.Flatten(),
        nn.Linear(32, 5),
    )
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    run.watch(net, optimizer, criterion)
    for _epoch in range(9):
        net.train()
        for rows in torch.randperm(1800).split(36):
            optimizer.zero_grad()
            loss = criterion(net(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    net.eval()
    with torch.no_grad():
        return (net(x[1800:]).argmax(1) == y[1800:]).float().mean().item()


PROGRAM = Program(train, causes=("constant_input",), by_definition=True)
