"""Guesses the ailment from the few herbs that an apothecary's label names: an MLP on a sparse row of ones."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program

HERBS, AILMENTS = 300, 12


def labels(n, g):
    ailment = torch.randint(AILMENTS, (n,), generator=g)
    row = torch.zeros(n, HERBS)
    for _ in range(7):
        own = ailment * 15 + torch.randint(15, (n,), generator=g)
        other = torch.randint(HERBS, (n,), generator=g)
        herb = torch.where(torch.rand(n, generator=g) < 0.55, own, other)
        row[torch.arange(n), herb] = 1.0
    return row, ailment


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    loader = DataLoader(TensorDataset(*labels(6000, g)), batch_size=100, shuffle=True)
    x_val, y_val = labels(1000, g)

    model = nn.Sequential(
        nn.Linear(HERBS, 24, bias=False),  # a factorised first layer: few herbs, fewer weights
        nn.Linear(24, 128),
        nn.ReLU(),
        nn.Dropout(0.3),
        nn.Linear(128, AILMENTS),
    )
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=8 * len(loader))
    run.watch(model, optimizer, criterion)

    step = 0
    for epoch in range(8):
        model.train()
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            schedule.step()
            run.log({"loss": loss.item(), "lr": schedule.get_last_lr()[0]}, step=step)
            step += 1
        model.eval()
        with torch.no_grad():
            out = model(x_val)
            acc = (out.argmax(1) == y_val).float().mean().item()
            run.log({"val_loss": criterion(out, y_val).item(), "val_acc": acc}, step=step - 1)
    return acc


PROGRAM = Program(train)
