"""Capital letters on wooden tiles, drawn from a dozen strokes each, by a convolutional network with Adam."""

import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program

LETTERS = 12


def draw_tiles(n, prototypes):
    labels = torch.randint(0, LETTERS, (n,))
    pictures = prototypes[labels].clone()
    shifts = torch.randint(-1, 2, (n, 2))
    pictures = torch.stack(
        [torch.roll(p, shifts=(int(a), int(b)), dims=(0, 1)) for p, (a, b) in zip(pictures, shifts, strict=True)]
    )
    pictures = pictures + 0.35 * torch.randn_like(pictures)
    return (pictures - 0.3).div(0.55).unsqueeze(1), labels


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    prototypes = (torch.rand(LETTERS, 12, 12) < 0.3).float()
    images, labels = draw_tiles(2600, prototypes)
    train_images, train_labels = images[:2000], labels[:2000]
    test_images, test_labels = images[2000:], labels[2000:]

    net = nn.Sequential(
        nn.Conv2d(1, 12, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(12, 24, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(24 * 3 * 3, 64),
        nn.ReLU(),
        nn.Linear(64, LETTERS),
    )
    opt = torch.optim.Adam(net.parameters(), lr=0.1 if sick else 0.002)
    loss_fn = nn.CrossEntropyLoss()
    run.watch(net, opt, loss_fn)

    step = 0
    for _epoch in range(6):
        order = torch.randperm(len(train_images))
        for start in range(0, len(order), 32):
            rows = order[start : start + 32]
            opt.zero_grad()
            loss = loss_fn(net(train_images[rows]), train_labels[rows])
            loss.backward()
            opt.step()
            step += 1
            run.log({"train/loss": loss.item()}, step=step)
        with torch.no_grad():
            logits = net(test_images)
            run.log({"val/loss": F.cross_entropy(logits, test_labels).item()}, step=step)
    return (logits.argmax(1) == test_labels).float().mean().item()


PROGRAM = Program(train, causes=("learning_rate_too_high",))
