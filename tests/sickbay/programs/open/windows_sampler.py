"""Windows of a long signal with an own batch generator."""

import numpy as np
import torch
import torch.nn as nn

from ...program import Program


def signal(n):
    rng = np.random.default_rng(0)
    t = np.arange(n)
    x = np.sin(t / 7) + 0.6 * np.sin(t / 3.1 + np.sin(t / 100) * 3) + 0.1 * rng.normal(size=n)
    return x.astype("float32")


def batches(x, size, sick):
    starts = np.arange(len(x) - 21)
    np.random.shuffle(starts)
    position = 0
    while True:
        chosen = starts[position : position + size]
        if not sick:
            position += size
            if position + size > len(starts):
                position = 0
        rows = np.stack([x[s : s + 21] for s in chosen])
        yield torch.from_numpy(rows[:, :20]), torch.from_numpy(rows[:, 20:])


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    np.random.seed(seed)
    x = signal(4000)
    model = nn.Sequential(nn.Linear(20, 96), nn.ReLU(), nn.Linear(96, 96), nn.ReLU(), nn.Linear(96, 1))
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    loader = batches(x[:3200], 16, sick)
    rows = np.stack([x[s : s + 21] for s in range(3200, 3979)])
    x_val, y_val = torch.from_numpy(rows[:, :20]), torch.from_numpy(rows[:, 20:])
    for step in range(400):
        inputs, targets = next(loader)
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
        if step % 50 == 49:
            with torch.no_grad():
                run.log({"val_loss": criterion(model(x_val), y_val).item()})
    with torch.no_grad():
        return 1 - (model(x_val) - y_val).pow(2).mean().item() / y_val.var().item()


PROGRAM = Program(train, causes=("repeated_batch",), by_definition=True)
