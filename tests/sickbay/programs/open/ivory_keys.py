"""Which key began the tune? A recurrent cell written by hand listens to a phrase and names the first."""

import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program

KEYS, NOTES = 8, 22


def tunes(n, gen):
    first = torch.randint(0, KEYS, (n,), generator=gen)
    tune = torch.randint(KEYS, KEYS + 4, (n, NOTES), generator=gen)
    tune[:, 0] = first
    return tune, first


class Listener(nn.Module):
    def __init__(self, sick, hidden=48):
        super().__init__()
        self.hidden = hidden
        self.squash = torch.sigmoid if sick else torch.tanh
        self.embed = nn.Embedding(KEYS + 4, 16)
        self.from_note = nn.Linear(16, hidden)
        self.from_memory = nn.Linear(hidden, hidden)
        nn.init.orthogonal_(self.from_memory.weight)
        self.answer = nn.Linear(hidden, KEYS)

    def forward(self, tune):
        h = torch.zeros(len(tune), self.hidden)
        for note in self.embed(tune).unbind(1):
            h = self.squash(self.from_note(note) + self.from_memory(h))
        return self.answer(h)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    gen = torch.Generator().manual_seed(seed)
    x, y = tunes(2000, gen)
    x_val, y_val = tunes(400, gen)
    model = Listener(sick)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer)
    for step in range(600):
        idx = torch.randint(0, len(x), (48,), generator=gen)
        loss = F.cross_entropy(model(x[idx]), y[idx])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        run.log({"loss": loss.item()})
        if step % 50 == 49:
            with torch.no_grad():
                logits = model(x_val)
            run.log({"val_loss": F.cross_entropy(logits, y_val).item()})
    return (logits.argmax(1) == y_val).float().mean().item()


PROGRAM = Program(train, causes=("vanishing_gradient",))
