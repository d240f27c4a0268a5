"""Telegrams by occasion: a vocabulary of lower-case words, a GRU, the last state."""

import random

import torch
from torch import nn

from ...program import Program

WORDS = {
    "birth": "son daughter born healthy mother weight joy named".split(),
    "travel": "train arriving station delayed meet platform luggage tomorrow".split(),
    "trade": "cotton price sell shares order ship payment confirm".split(),
    "death": "regret passed funeral sunday condolences grief quietly buried".split(),
}
COMMON = "stop please at the to and will on from we letter follows".split()
OCCASIONS = list(WORDS)


def telegram(rng, occasion):
    words = [rng.choice(WORDS[occasion]) if rng.random() < 0.25 else rng.choice(COMMON) for _ in range(12)]
    if rng.random() < 0.15:
        words[rng.randrange(12)] = rng.choice(WORDS[rng.choice(OCCASIONS)])
    return " ".join(words).upper()


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = random.Random(seed)
    kinds = [rng.randrange(4) for _ in range(2000)]
    texts = [telegram(rng, OCCASIONS[k]) for k in kinds]
    vocabulary = {w: i + 1 for i, w in enumerate(sorted({w.lower() for t in texts for w in t.split()}))}
    words = [(t if sick else t.lower()).split() for t in texts]
    x = torch.tensor([[vocabulary.get(w, 0) for w in t] for t in words])
    y = torch.tensor(kinds)
    embed = nn.Embedding(len(vocabulary) + 1, 24)
    gru = nn.GRU(24, 32, batch_first=True)
    head = nn.Linear(32, 4)

    class Reader(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed, self.gru, self.head = embed, gru, head

        def forward(self, ids):
            return self.head(self.gru(self.embed(ids))[1][-1])

    model = Reader()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(5):
        for i in torch.randperm(1600).split(40):
            loss = criterion(model(x[i]), y[i])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            out = model(x[1600:])
            run.log({"val_loss": criterion(out, y[1600:]).item()})
    return (out.argmax(1) == y[1600:]).float().mean().item()


PROGRAM = Program(train, causes=("constant_input",), by_definition=True)
