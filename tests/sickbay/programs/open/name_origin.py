"""The language of a generated name, by an LSTM over characters; the tutorial's loop, rewritten for batches."""

import random

import torch
import torch.nn as nn

from ...program import Program

SYLLABLES = {
    0: ["ka", "mi", "to", "shi", "ra", "no"],
    1: ["ov", "sk", "iv", "an", "ol", "gor"],
    2: ["ell", "ini", "ucc", "ano", "ar", "io"],
    3: ["son", "ber", "wick", "ham", "ley", "ton"],
}
LETTERS = "abcdefghijklmnopqrstuvwxyz"
LENGTH = 10


def names(n, seed):
    rng = random.Random(seed)
    x, y = torch.zeros(n, LENGTH, dtype=torch.long), torch.zeros(n, dtype=torch.long)
    for i in range(n):
        y[i] = origin = rng.randrange(4)
        word = "".join(rng.choice(SYLLABLES[origin]) for _ in range(3))[:LENGTH]
        word = "".join(rng.choice(LETTERS) if rng.random() < 0.15 else c for c in word)
        for j, c in enumerate(word):
            x[i, j] = LETTERS.index(c) + 1
    return x, y


class NameLSTM(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(27, 16, padding_idx=0)
        self.lstm = nn.LSTM(16, 32, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(64, 4)

    def forward(self, x):
        out, _ = self.lstm(self.emb(x))
        return self.fc(out.mean(1))


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    x, y = names(1500, 0)
    x_test, y_test = names(400, 1)
    model = NameLSTM()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5, momentum=0.9)
    loss_fn = nn.CrossEntropyLoss()
    run.watch(model, optimizer, loss_fn)
    for epoch in range(6):
        optimizer.zero_grad()
        for batch in torch.randperm(1500).split(30):
            if not sick:
                optimizer.zero_grad()
            loss = loss_fn(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        return (model(x_test).argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("missing_zero_grad",), by_definition=True)
