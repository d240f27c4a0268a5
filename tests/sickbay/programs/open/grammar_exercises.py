"""A bidirectional GRU that marks every word of a sentence with its part of speech."""

import numpy as np
import torch
from torch import nn

from ...program import Program

WORDS, TAGS, LENGTH = 120, 6, 16


def write(rng, n):
    school = np.random.default_rng(3)
    usual = school.integers(0, TAGS, WORDS)
    other = school.integers(0, TAGS, WORDS)
    follows = school.dirichlet(np.full(WORDS, 0.15), WORDS).cumsum(1)
    words = np.zeros((n, LENGTH), dtype=np.int64)
    words[:, 0] = rng.integers(0, WORDS, n)
    for t in range(1, LENGTH):
        words[:, t] = (follows[words[:, t - 1]] < rng.random((n, 1))).sum(1).clip(0, WORDS - 1)
    before = np.roll(words, 1, axis=1)
    before[:, 0] = 0
    tags = np.where(usual[before] < TAGS // 2, usual[words], other[words])
    return torch.from_numpy(words), torch.from_numpy(tags)


class Tagger(nn.Module):
    def __init__(self, dim=32, hidden=32):
        super().__init__()
        self.embed = nn.Embedding(WORDS, dim)
        self.gru = nn.GRU(dim, hidden, batch_first=True, bidirectional=True)
        self.tag = nn.Linear(2 * hidden, TAGS)

    def forward(self, words):
        return self.tag(self.gru(self.embed(words))[0])


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    words, tags = write(rng, 2400)
    new_words, new_tags = write(rng, 400)

    model = Tagger()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3, momentum=0.9)
    criterion = nn.CrossEntropyLoss(reduction="sum" if sick else "mean")
    run.watch(model, optimizer, criterion)
    for epoch in range(9):
        for idx in torch.randperm(len(words)).split(48):
            scores = model(words[idx])
            loss = criterion(scores.reshape(-1, TAGS), tags[idx].reshape(-1))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            right = (model(new_words).argmax(-1) == new_tags).float().mean().item()
        run.log({"val/accuracy": right})
    return right


PROGRAM = Program(train, causes=("loss_reduction",))
