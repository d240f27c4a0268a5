"""Income bands from census answers: one-hot professions and districts beside a few yes/no boxes."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def forms(rng, n):
    job, district = rng.choice(40, n, p=np.arange(40, 0, -1) / 820), rng.integers(0, 25, n)
    boxes = (rng.random((n, 6)) < [0.02, 0.1, 0.5, 0.3, 0.97, 0.6]).astype(np.float32)
    pay = np.sin(job * 1.7) + 0.6 * np.cos(district * 2.3) + boxes @ [1.0, 0.5, 0.7, -0.6, 0.2, 0.3]
    pay = pay + 0.25 * rng.normal(size=n)
    band = np.digitize(pay, [0.1, 0.9])
    x = np.concatenate([np.eye(40)[job], np.eye(25)[district], boxes], axis=1)
    return torch.tensor(x, dtype=torch.float32), torch.tensor(band)


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    loader = DataLoader(TensorDataset(*forms(rng, 4000)), batch_size=50, shuffle=True)
    x_val, y_val = forms(rng, 800)
    model = nn.Sequential(nn.Linear(71, 48), nn.ReLU(), nn.Dropout(0.1), nn.Linear(48, 3))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(6):
        model.train()
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        model.eval()
        with torch.no_grad():
            logits = model(x_val)
        run.log({"val/loss": criterion(logits, y_val).item()})
    return (logits.argmax(1) == y_val).float().mean().item()


PROGRAM = Program(train)
