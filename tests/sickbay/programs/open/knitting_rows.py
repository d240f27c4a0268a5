"""A GRU names the pattern that a row of stitches belongs to, out of ten."""

import numpy as np
import torch
from torch import nn

from ...program import Program

PATTERNS = ("01", "001", "0011", "012", "0102", "00112", "0122", "000111", "0211", "02")


def rows(rng, n, length=24):
    kind = rng.integers(0, len(PATTERNS), n)
    out = np.zeros((n, length), dtype=np.int64)
    for k in range(n):
        p = [int(c) for c in PATTERNS[kind[k]]]
        shift = rng.integers(len(p))
        out[k] = [p[(t + shift) % len(p)] for t in range(length)]
    slip = rng.random(out.shape) < 0.04
    out[slip] = rng.integers(0, 3, slip.sum())
    return torch.from_numpy(out), torch.from_numpy(kind)


class Knitter(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.embed = nn.Embedding(3, 8)
        self.gru = nn.GRU(8, hidden, batch_first=True)
        self.fc = nn.Linear(hidden, len(PATTERNS))

    def forward(self, x):
        _, h = self.gru(self.embed(x))
        return self.fc(h[-1])


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    x, y = rows(rng, 2500)
    x_val, y_val = rows(rng, 500)
    model = Knitter(hidden=1 if sick else 48)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    run.watch(model, optimizer, criterion)
    for step in range(550):
        idx = torch.from_numpy(rng.integers(0, len(x), 48))
        optimizer.zero_grad()
        loss = criterion(model(x[idx]), y[idx])
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        optimizer.step()
        run.log({"loss": loss.item()})
        if step % 55 == 54:
            with torch.no_grad():
                logits = model(x_val)
            run.log({"val_loss": criterion(logits, y_val).item()})
    return (logits.argmax(1) == y_val).float().mean().item()


PROGRAM = Program(train, causes=("capacity_too_small",))
