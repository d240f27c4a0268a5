"""A tagger marks parts of postal addresses; half the tokens have no label, and labels are smoothed."""

import numpy as np
import torch
from torch import nn

from ...program import Program

TAGS, VOCAB, LEN = 5, 50, 14


def addresses(rng, n):
    tag = np.zeros((n, LEN), dtype=np.int64)
    for t in range(1, LEN):
        tag[:, t] = np.where(rng.random(n) < 0.6, tag[:, t - 1], (tag[:, t - 1] + 1) % TAGS)
    word = tag * 8 + rng.integers(0, 10, (n, LEN))
    known = rng.random((n, LEN)) < 0.5
    return torch.tensor(word), torch.tensor(np.where(known, tag, -100)), torch.tensor(tag)


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(VOCAB, 24)
        self.drop = nn.Dropout(0.2)
        self.gru = nn.GRU(24, 32, batch_first=True, bidirectional=True)
        self.out = nn.Linear(64, TAGS)

    def forward(self, x):
        h, _ = self.gru(self.drop(self.emb(x)))
        return self.out(h)


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    x, y, _ = addresses(rng, 2000)
    x_test, _, full = addresses(rng, 300)
    model = Tagger()
    criterion = nn.CrossEntropyLoss(ignore_index=-100, label_smoothing=0.2, reduction="sum")
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    for step in range(350):
        idx = torch.from_numpy(rng.integers(0, 2000, 24))
        optimizer.zero_grad()
        loss = criterion(model(x[idx]).flatten(0, 1), y[idx].flatten())
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 100.0)
        optimizer.step()
        run.log({"loss": loss.item()})
    model.eval()
    with torch.no_grad():
        return (model(x_test).argmax(-1) == full).float().mean().item()


PROGRAM = Program(train)
