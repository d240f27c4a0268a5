"""Which line an announcement belongs to: a small encoder over its tokens, head on the mean."""

import torch
import torch.nn as nn

from ...program import Program

VOCAB, LENGTH, LINES = 60, 18, 5


class AnnouncementEncoder(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.tokens = nn.Embedding(VOCAB, d)
        self.places = nn.Parameter(0.02 * torch.randn(1, LENGTH, d))
        block = nn.TransformerEncoderLayer(d, 4, 96, dropout=0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(block, 2)
        self.head = nn.Linear(d, LINES)

    def forward(self, ids):
        return self.head(self.encoder(self.tokens(ids) + self.places).mean(1))


def announcements(n, g):
    habits = torch.softmax(0.9 * torch.randn(LINES, VOCAB, generator=torch.Generator().manual_seed(5)), 1)
    y = torch.randint(0, LINES, (n,), generator=g)
    return torch.multinomial(habits[y], LENGTH, replacement=True, generator=g), y


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(100 + seed)
    x, y = announcements(3000, g)
    xv, yv = announcements(600, g)
    model = AnnouncementEncoder()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-2 if sick else 1e-3)
    run.watch(model, optimizer, criterion)
    for step in range(240):
        i = torch.randint(0, len(x), (48,), generator=g)
        loss = criterion(model(x[i]), y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
        if step % 40 == 39:
            with torch.no_grad():
                run.log({"val/loss": criterion(model(xv), yv).item()})
    with torch.no_grad():
        return (model(xv).argmax(1) == yv).float().mean().item()


PROGRAM = Program(train, causes=("learning_rate_too_high",))
