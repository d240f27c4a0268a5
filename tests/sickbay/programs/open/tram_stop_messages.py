"""Topic of short messages about tram stops: word embeddings with an own normalisation, then a GRU."""

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

from ...program import Program

WORDS, TOPICS = 120, 5


class Standardise(nn.Module):
    """Each vector to mean zero and unit spread, with gain and shift."""

    def __init__(self, dim, eps):
        super().__init__()
        self.gain, self.shift = nn.Parameter(torch.ones(dim)), nn.Parameter(torch.zeros(dim))
        self.eps = eps

    def forward(self, x):
        centred = x - x.mean(-1, keepdim=True)
        spread = torch.sqrt((centred**2).mean(-1, keepdim=True) + self.eps)
        return self.gain * centred / spread + self.shift


class TopicGRU(nn.Module):
    def __init__(self, eps, dim=32, hidden=48):
        super().__init__()
        self.embedding = nn.Embedding(WORDS, dim, padding_idx=0)
        self.norm = Standardise(dim, eps)
        self.gru = nn.GRU(dim, hidden, batch_first=True)
        self.linear = nn.Linear(hidden, TOPICS)

    def forward(self, tokens):
        states, _ = self.gru(self.norm(self.embedding(tokens)))
        keep = (tokens != 0).unsqueeze(-1)
        return self.linear(states.masked_fill(~keep, -1e4).amax(dim=1))


def write_messages(n, rng):
    vocabulary = np.random.default_rng(5).dirichlet(np.full(WORDS - 1, 0.15), size=TOPICS)
    topics = rng.integers(0, TOPICS, n)
    texts = []
    for topic in topics:
        own = rng.choice(WORDS - 1, size=rng.integers(6, 21), p=vocabulary[topic]) + 1
        other = rng.integers(1, WORDS, len(own))
        texts.append(torch.from_numpy(np.where(rng.random(len(own)) < 0.45, other, own)))
    return texts, torch.from_numpy(topics)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    texts, topics = write_messages(2400, rng)
    model = TopicGRU(eps=0.0 if sick else 1e-5)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    for epoch in range(6):
        for batch in rng.permutation(1920).reshape(-1, 32):
            tokens = pad_sequence([texts[i] for i in batch], batch_first=True)
            loss = criterion(model(tokens), topics[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        guess = model(pad_sequence(texts[1920:], batch_first=True)).argmax(1)
    return (guess == topics[1920:]).float().mean().item()


PROGRAM = Program(train, causes=("unstable_layer",), by_definition=True)
