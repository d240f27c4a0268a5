"""Ten patterns of signal flags in colour; a small backbone with a head, as in a course on transfer learning."""

import numpy as np
import torch
from torch import nn

from ...program import Program


class Backbone(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
        self.body = nn.Sequential(nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 12, 3, padding=1), nn.ReLU())

    def forward(self, x):
        return self.body(self.stem(x)).mean((2, 3))


class FlagNet(nn.Module):
    def __init__(self, freeze_backbone):
        super().__init__()
        self.backbone = Backbone()
        self.head = nn.Linear(12, 10)
        if freeze_backbone:
            for p in self.backbone.parameters():
                p.requires_grad = False

    def forward(self, x):
        return self.head(self.backbone(x))


def flags(rng, n, size=10):
    yy, xx = np.mgrid[:size, :size]
    masks = np.stack(
        [
            xx < 5,
            yy < 5,
            xx + yy < 9,
            (xx < 5) ^ (yy < 5),
            (xx // 2) % 2 == 0,
            (yy // 2) % 2 == 0,
            np.abs(xx - 4.5) < 1.6,
            np.abs(yy - 4.5) < 1.6,
            np.maximum(np.abs(xx - 4.5), np.abs(yy - 4.5)) < 2.6,
            (np.abs(xx - 4.5) < 1.1) | (np.abs(yy - 4.5) < 1.1),
        ]
    )
    label = rng.integers(0, 10, n)
    mask = masks[label][:, None]
    image = np.where(mask, np.array([1.0, 0.2, 0.2])[:, None, None], np.array([0.2, 0.3, 1.0])[:, None, None])
    image = image + 0.3 * rng.normal(size=image.shape)
    image = (image - image.mean((0, 2, 3), keepdims=True)) / image.std((0, 2, 3), keepdims=True)
    return torch.tensor(image, dtype=torch.float32), torch.tensor(label)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    x, y = flags(rng, 1600)
    x_test, y_test = flags(rng, 500)
    model = FlagNet(freeze_backbone=sick)
    optimizer = torch.optim.Adam(filter(lambda p: p.requires_grad, model.parameters()), lr=5e-3)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer)
    for epoch in range(10):
        for idx in torch.randperm(1600).split(32):
            loss = criterion(model(x[idx]), y[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            accuracy = (model(x_test).argmax(1) == y_test).float().mean().item()
        run.log({"test_accuracy": accuracy})
    return accuracy


PROGRAM = Program(train, causes=("frozen_parameters",))
