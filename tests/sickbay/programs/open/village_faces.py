"""Few pictures per family: the training set is learnt to the last picture, the rest well enough."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    faces = rng.normal(size=(8, 10, 10))
    faces = (faces + np.roll(faces, 1, 1) + np.roll(faces, 1, 2) + np.roll(np.roll(faces, 1, 1), 1, 2)) / 2

    def pictures(n):
        who = rng.integers(0, 8, n)
        img = np.stack([np.roll(faces[w], rng.integers(-1, 2, 2), (0, 1)) for w in who])
        img = img * rng.uniform(0.5, 1.5, (n, 1, 1)) + 1.0 * rng.normal(size=img.shape)
        return torch.tensor(img / 1.4, dtype=torch.float32)[:, None], torch.tensor(who)

    loader = DataLoader(TensorDataset(*pictures(700)), batch_size=32, shuffle=True)
    x_val, y_val = pictures(500)
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.Flatten(),
        nn.Dropout(0.3),
        nn.Linear(800, 8),
    )
    criterion = nn.CrossEntropyLoss()
    epochs = 14
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.05)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs * len(loader))
    run.watch(model, optimizer, criterion)
    for epoch in range(epochs):
        model.train()
        right = 0
        for xb, yb in loader:
            out = model(xb)
            loss = criterion(out, yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            scheduler.step()
            right += (out.argmax(1) == yb).sum().item()
            run.log({"train/loss": loss.item()})
        model.eval()
        with torch.no_grad():
            out = model(x_val)
        acc = (out.argmax(1) == y_val).float().mean().item()
        run.log({"train/acc": right / 700, "val/loss": criterion(out, y_val).item(), "val/acc": acc})
    return acc


PROGRAM = Program(train)
