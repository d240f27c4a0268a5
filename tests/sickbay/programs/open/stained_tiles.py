"""Ten numerals on stained tiles: small parts of a batch, their gradients added up, one cycle of the rate."""

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

from ...program import Program

PARTS, PART = 4, 16


def moved(images):
    """A pixel's shift at random."""
    down, right = torch.randint(-1, 2, (2,)).tolist()
    return torch.roll(images, (down, right), (2, 3)) + 0.2 * torch.randn_like(images)


def tile_net():
    return nn.Sequential(
        nn.Conv2d(1, 24, 3, padding=1, bias=False),
        nn.GroupNorm(4, 24),
        nn.SiLU(),
        nn.Conv2d(24, 32, 3, padding=1, bias=False),
        nn.GroupNorm(4, 32),
        nn.SiLU(),
        nn.MaxPool2d(2),
        nn.Dropout2d(0.1),
        nn.Flatten(),
        nn.Linear(32 * 16, 10),
    )


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    data = load_digits()
    images = torch.tensor(data.images, dtype=torch.float32).unsqueeze(1)
    images = (images - images.mean()) / images.std()
    x, held, y, held_y = train_test_split(images, torch.tensor(data.target), test_size=0.25, random_state=seed)
    model = tile_net()
    updates = 400
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.02)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=4e-3, total_steps=updates)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    order = torch.cat([torch.randperm(len(x)) for _ in range(20)])
    for update in range(updates):
        model.train()
        optimizer.zero_grad()
        total = 0.0
        for part in range(PARTS):
            start = (update * PARTS + part) * PART % (len(order) - PART)
            rows = order[start : start + PART]
            loss = criterion(model(moved(x[rows])), y[rows]) / PARTS
            loss.backward()
            total += loss.item()
        optimizer.step()
        scheduler.step()
        run.log({"loss": total})
        if (update + 1) % 50 == 0:
            model.eval()
            with torch.no_grad():
                out = model(held)
            accuracy = (out.argmax(1) == held_y).float().mean().item()
            run.log({"val_loss": criterion(out, held_y).item(), "val_accuracy": accuracy})
    return accuracy


PROGRAM = Program(train)
