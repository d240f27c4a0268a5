"""A recurrent net written by hand continues folk tunes note by note."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program

NOTES = 12


def tunes(rng, n, length=25):
    step = np.array([2, -1, 3, -2, 1, -3])
    out = np.zeros((n, length), dtype=np.int64)
    out[:, :2] = rng.integers(0, NOTES, (n, 2))
    for t in range(2, length):
        nxt = (out[:, t - 1] + step[(out[:, t - 1] + 2 * out[:, t - 2]) % 6]) % NOTES
        out[:, t] = np.where(rng.random(n) < 0.1, rng.integers(0, NOTES, n), nxt)
    return torch.from_numpy(out)


class HandRNN(nn.Module):
    def __init__(self, hidden, scaled):
        super().__init__()
        k_in, k_h = (0.3, hidden**-0.5) if scaled else (1.0, 1.0)
        self.Wxh = nn.Parameter(torch.randn(NOTES, hidden) * k_in)
        self.Whh = nn.Parameter(torch.randn(hidden, hidden) * k_h)
        self.bh = nn.Parameter(torch.zeros(hidden))
        self.Why = nn.Parameter(torch.randn(hidden, NOTES) * 0.05)
        self.by = nn.Parameter(torch.zeros(NOTES))
        self.act = nn.Tanh()

    def forward(self, notes):
        h = torch.zeros(len(notes), self.Whh.shape[0])
        logits = []
        for t in range(notes.shape[1]):
            h = self.act(self.Wxh[notes[:, t]] + h @ self.Whh + self.bh)
            logits.append(h @ self.Why + self.by)
        return torch.stack(logits, 1)


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    data, held_out = tunes(rng, 1500), tunes(rng, 300)
    model = HandRNN(96, scaled=not sick)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    run.watch(model, optimizer, criterion)
    for step in range(350):
        batch = data[torch.from_numpy(rng.integers(0, 1500, 32))]
        logits = model(batch[:, :-1])
        loss = criterion(logits.reshape(-1, NOTES), batch[:, 1:].reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        run.log({"loss": loss.item()})
        if step % 50 == 49:
            with torch.no_grad():
                val = F.cross_entropy(model(held_out[:, :-1]).flatten(0, 1), held_out[:, 1:].flatten())
            run.log({"val_loss": val.item()})
    with torch.no_grad():
        return (model(held_out[:, :-1])[:, 2:].argmax(-1) == held_out[:, 3:]).float().mean().item()


PROGRAM = Program(train, causes=("saturated_units", "bad_initialisation"), by_definition=True)
