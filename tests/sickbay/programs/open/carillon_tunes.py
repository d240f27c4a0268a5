"""Twelve carillon tunes recognised from noisy, transposed performances by an LSTM over note embeddings."""

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program

NOTES = 18
TUNES = 12
LENGTH = 14


def performances(count, gen):
    book = torch.randint(12, (TUNES, LENGTH), generator=gen)
    tune = torch.randint(TUNES, (count,), generator=gen)
    played = book[tune] + torch.randint(6, (count, 1), generator=gen)
    slip = torch.rand(played.shape, generator=gen) < 0.1
    played = torch.where(slip, torch.randint(NOTES, played.shape, generator=gen), played)
    return played, tune


class TuneLSTM(nn.Module):
    def __init__(self, embedding, hidden):
        super().__init__()
        self.notes = nn.Embedding(NOTES, embedding)
        self.lstm = nn.LSTM(embedding, hidden, batch_first=True)
        self.tune = nn.Linear(hidden, TUNES)

    def forward(self, notes):
        out, _ = self.lstm(self.notes(notes))
        return self.tune(out[:, -1])


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    gen = torch.Generator().manual_seed(seed)
    notes, tune = performances(3600, gen)
    loader = DataLoader(TensorDataset(notes[:3000], tune[:3000]), batch_size=50, shuffle=True)
    model = TuneLSTM(16, 2) if sick else TuneLSTM(16, 96)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    run.watch(model, optimizer, criterion)
    for _epoch in range(10):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimizer.step()
            run.log({"loss": loss.item()})
        model.eval()
        with torch.no_grad():
            logits = model(notes[3000:])
            val_loss = criterion(logits, tune[3000:]).item()
        run.log({"val_loss": val_loss})
    return (logits.argmax(1) == tune[3000:]).float().mean().item()


PROGRAM = Program(train, causes=("capacity_too_small",))
