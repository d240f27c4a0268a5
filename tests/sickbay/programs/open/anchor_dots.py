"""Odd counts of dots on anchors (one to nine), batches of eight pictures, softened labels and a one-cycle rate."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def dotted(n):
    count = 2 * torch.randint(0, 5, (n,)) + 1
    rank = torch.rand(n, 36).argsort(dim=1).argsort(dim=1)
    dots = (rank < count[:, None]).float().view(n, 1, 6, 6)
    pictures = nn.functional.interpolate(dots, scale_factor=2) + 0.1 * torch.randn(n, 1, 12, 12)
    return (pictures - 0.125) / 0.4, count // 2


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = dotted(3600)
    loader = DataLoader(TensorDataset(x[:3000], y[:3000]), batch_size=8, shuffle=True, drop_last=True)
    model = nn.Sequential(
        nn.Conv2d(1, 16, 4, stride=2, padding=1),
        nn.SiLU(),
        nn.Conv2d(16, 16, 1),
        nn.SiLU(),
        nn.Flatten(),
        nn.Linear(576, 5),
    )
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.01)
    epochs = 2
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=4e-3, total_steps=epochs * len(loader))
    run.watch(model, optimizer, criterion)
    for _epoch in range(epochs):
        for images, counts in loader:
            loss = criterion(model(images), counts)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item(), "lr": scheduler.get_last_lr()[0]})
            scheduler.step()
    with torch.no_grad():
        return (model(x[3000:]).argmax(1) == y[3000:]).float().mean().item()


PROGRAM = Program(train)
