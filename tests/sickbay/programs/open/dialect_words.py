"""Where a speaker comes from, by the words used. No vectors of it exist, so the table is random."""

import torch
from torch import nn

from ...program import Program

WORDS, PLACES, SPOKEN = 400, 8, 12


class Speaker(nn.Module):
    def __init__(self, sick, d=10):
        super().__init__()
        table = 0.3 * torch.randn(WORDS, d)
        self.vectors = (
            nn.Embedding.from_pretrained(table) if sick else nn.Embedding.from_pretrained(table, freeze=False)
        )
        self.top = nn.Sequential(nn.Linear(d, 24), nn.ReLU(), nn.Linear(24, PLACES))

    def forward(self, words):
        return self.top(self.vectors(words).mean(1))


def said(n, g):
    habit = torch.softmax(1.3 * torch.randn(PLACES, WORDS, generator=torch.Generator().manual_seed(4)), 1)
    place = torch.randint(0, PLACES, (n,), generator=g)
    return torch.multinomial(habit[place], SPOKEN, replacement=True, generator=g), place


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    x, y = said(6000, g)
    xv, yv = said(800, g)
    model = Speaker(sick)
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=5e-3)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    for epoch in range(4):
        for i in torch.randperm(6000, generator=g).split(64):
            optimizer.zero_grad()
            loss = criterion(model(x[i]), y[i])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            out = model(xv)
            run.log({"val_loss": criterion(out, yv).item(), "val_acc": (out.argmax(1) == yv).float().mean().item()})
    return (out.argmax(1) == yv).float().mean().item()


PROGRAM = Program(train, causes=("frozen_parameters",))
