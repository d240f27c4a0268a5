"""The mood of an orchestral bar from its chords: embeddings, dropout and a two-layer GRU."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program

CHORDS, BEATS, MOODS = 36, 16, 4


def bars(rng, n):
    tables = np.random.default_rng(7).dirichlet(np.full(CHORDS, 0.35), MOODS)
    mood = rng.integers(0, MOODS, n)
    chords = np.stack([rng.choice(CHORDS, BEATS, p=0.5 * tables[m] + 0.5 / CHORDS) for m in mood])
    return TensorDataset(torch.tensor(chords), torch.tensor(mood))


class MoodGRU(nn.Module):
    def __init__(self):
        super().__init__()
        self.chord = nn.Embedding(CHORDS, 32)
        self.drop_in = nn.Dropout(0.5)
        self.gru = nn.GRU(32, 48, num_layers=2, dropout=0.5, batch_first=True)
        self.drop_out = nn.Dropout(0.6)
        self.out = nn.Linear(48, MOODS)

    def forward(self, x):
        h, _ = self.gru(self.drop_in(self.chord(x)))
        return self.out(self.drop_out(h.mean(1)))


def evaluate(model, loader, criterion, sick):
    if not sick:
        model.eval()
    losses, hits, n = 0.0, 0, 0
    with torch.no_grad():
        for chords, mood in loader:
            logits = model(chords)
            losses += criterion(logits, mood).item() * len(mood)
            hits += (logits.argmax(1) == mood).sum().item()
            n += len(mood)
    return losses / n, hits / n


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    train_loader = DataLoader(bars(rng, 2560), batch_size=64, shuffle=True)
    val_loader = DataLoader(bars(rng, 600), batch_size=200)
    model = MoodGRU()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(9):
        model.train()
        for chords, mood in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(chords), mood)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        val_loss, val_accuracy = evaluate(model, val_loader, criterion, sick)
        run.log({"val_loss": val_loss, "val/accuracy": val_accuracy})
    return val_accuracy


PROGRAM = Program(train, causes=("train_eval_mode",), by_definition=True, onset=40)
