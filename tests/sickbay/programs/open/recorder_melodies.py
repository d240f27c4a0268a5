"""An LSTM hears a melody of sixteen notes and must say which note opened it."""

import torch
from torch import nn

from ...program import Program

NOTES = 6
LENGTH = 16


class Listener(nn.Module):
    def __init__(self, hidden=48):
        super().__init__()
        self.embed = nn.Embedding(NOTES, 16)
        self.lstm = nn.LSTM(16, hidden, batch_first=True)
        self.head = nn.Linear(hidden, NOTES)
        with torch.no_grad():
            self.lstm.bias_ih_l0[hidden : 2 * hidden] += 1.0

    def forward(self, notes):
        _, (h, _) = self.lstm(self.embed(notes))
        return self.head(h[-1])


def melodies(n):
    notes = torch.randint(0, NOTES, (n, LENGTH))
    return notes, notes[:, 0]


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    model = Listener()
    loss_fn = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    run.watch(model, optimizer, loss_fn)
    for step in range(600):
        notes, first = melodies(64)
        loss = loss_fn(model(notes), first)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        run.log({"loss": loss.item()}, step=step)
    model.eval()
    with torch.no_grad():
        notes, first = melodies(1000)
        return (model(notes).argmax(1) == first).float().mean().item()


PROGRAM = Program(train)
