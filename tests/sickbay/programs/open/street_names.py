"""A character GRU guesses the country of a street name from its letters."""

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

from ...program import Program

ENDINGS = ("strasse", "gracht", "ulica", "avenida", "gatan", "utca", "katu", "straat")
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def name(rng, country):
    stem = "".join(rng.choice(list("aeiourstlnkmd"), rng.integers(4, 9)))
    word = stem + ENDINGS[country]
    letters = [LETTERS.index(c) + 1 for c in word]
    for k in range(len(letters)):
        if rng.random() < 0.12:
            letters[k] = int(rng.integers(1, 27))
    return torch.tensor(letters[::-1])


def corpus(rng, n):
    labels = rng.integers(0, len(ENDINGS), n)
    return pad_sequence([name(rng, c) for c in labels], batch_first=True), torch.tensor(labels)


class NameGRU(nn.Module):
    def __init__(self, cut):
        super().__init__()
        self.embedding = nn.Embedding(27, 12, padding_idx=0)
        self.rnn = nn.GRU(12, 24, batch_first=True)
        self.classifier = nn.Linear(24, len(ENDINGS))
        self.cut = cut

    def forward(self, x):
        _, hidden = self.rnn(self.embedding(x))
        last = hidden[-1]
        if self.cut:
            last = last.detach()
        return self.classifier(last)


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    x, y = corpus(rng, 2000)
    x_test, y_test = corpus(rng, 500)
    model = NameGRU(cut=sick)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    run.watch(model, optimizer)
    for epoch in range(8):
        for idx in torch.randperm(len(x)).split(40):
            loss = criterion(model(x[idx]), y[idx])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_([p for p in model.parameters() if p.grad is not None], 5.0)
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            run.log({"acc": (model(x_test).argmax(1) == y_test).float().mean().item()})
    with torch.no_grad():
        return (model(x_test).argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("no_gradient",), by_definition=True)
