"""Sorts photographs of snowflakes on glass plates into five habits, with a convolutional network."""

import math

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program

SIZE = 16


def photograph(n, generator):
    axis = torch.linspace(-1, 1, SIZE)
    yy, xx = torch.meshgrid(axis, axis, indexing="ij")
    radius, angle = (xx**2 + yy**2).sqrt(), torch.atan2(yy, xx)
    kind = torch.randint(5, (n,), generator=generator)
    turn = torch.rand(n, 1, 1, generator=generator) * 2 * math.pi
    size = 0.6 + 0.3 * torch.rand(n, 1, 1, generator=generator)
    arms = torch.tensor([0.0, 3.0, 4.0, 6.0, 2.0])[kind].view(-1, 1, 1)
    outline = size * (0.7 + 0.3 * torch.cos(arms * (angle - turn)))
    flakes = torch.sigmoid((outline - radius) * 12)
    flakes = flakes + 0.35 * torch.randn(flakes.shape, generator=generator)
    return ((flakes - flakes.mean()) / flakes.std()).unsqueeze(1), kind


def build():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(32 * 4 * 4, 64),
        nn.ReLU(),
        nn.Linear(64, 5),
    )


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    images, kinds = photograph(2500, generator)
    train_loader = DataLoader(TensorDataset(images[:2000], kinds[:2000]), batch_size=32, shuffle=True)
    val_loader = DataLoader(TensorDataset(images[2000:], kinds[2000:]), batch_size=250)
    net = build()
    loss_fn = nn.CrossEntropyLoss()
    lr = 1e-5 if sick else 2e-2
    optimizer = torch.optim.SGD(net.parameters(), lr=lr, momentum=0.9)
    run.watch(net, optimizer, loss_fn)
    for epoch in range(9):
        net.train()
        for x, y in train_loader:
            loss = loss_fn(net(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        net.eval()
        hits, val_loss = 0, 0.0
        with torch.no_grad():
            for x, y in val_loader:
                out = net(x)
                val_loss += loss_fn(out, y).item() / len(val_loader)
                hits += (out.argmax(1) == y).sum().item()
        run.log({"val_loss": val_loss, "val_acc": hits / 500})
    return hits / 500


PROGRAM = Program(train, causes=("learning_rate_too_low",))
