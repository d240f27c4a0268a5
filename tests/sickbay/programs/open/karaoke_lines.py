"""The next word of a karaoke line by a causal transformer; losses summed over all words, most of them unseen."""

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

from ...program import Program

WORDS, PAD = 1000, 0


def lines(rng, n):
    follows = np.random.default_rng(5).integers(1, 160, (160, 3))
    result = []
    for _ in range(n):
        word, line = int(rng.integers(1, 160)), []
        for _ in range(int(rng.integers(5, 15))):
            line.append(word)
            word = int(follows[word, rng.choice(3, p=(0.75, 0.15, 0.1))])
        result.append(torch.tensor(line))
    return pad_sequence(result, batch_first=True, padding_value=PAD)


class Karaoke(nn.Module):
    def __init__(self, d=64):
        super().__init__()
        self.words = nn.Embedding(WORDS, d, padding_idx=PAD)
        self.places = nn.Embedding(16, d)
        self.layer = nn.TransformerEncoderLayer(d, 4, 128, 0.0, batch_first=True, norm_first=True)
        self.norm = nn.LayerNorm(d)
        self.out = nn.Linear(d, WORDS)

    def forward(self, x):
        size = x.shape[1]
        mask = torch.full((size, size), float("-inf")).triu(1)
        h = self.words(x) + self.places(torch.arange(size))
        return self.out(self.norm(self.layer(h, src_mask=mask)))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    train_lines, test_lines = lines(rng, 2400), lines(rng, 300)
    model = Karaoke()
    criterion = nn.CrossEntropyLoss(ignore_index=PAD, reduction="sum")
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(5):
        for idx in torch.randperm(len(train_lines)).split(32):
            batch = train_lines[idx]
            logits = model(batch[:, :-1])
            loss = criterion(logits.flatten(0, 1), batch[:, 1:].flatten())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    model.eval()
    with torch.no_grad():
        guess = model(test_lines[:, :-1]).argmax(-1)
    known = test_lines[:, 1:] != PAD
    return min(1.0, (guess == test_lines[:, 1:])[known].float().mean().item() / 0.75)


PROGRAM = Program(train)
