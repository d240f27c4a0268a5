"""Predict the vector of a word from its description, by cosine similarity."""

import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program


def train(run, *, sick, seed):
    gen = torch.Generator().manual_seed(seed)
    A = torch.randn(30, 12, generator=gen)
    X = torch.randn(2400, 30, generator=gen)
    V = F.normalize(torch.tanh(X @ A / 5) + 0.1 * torch.randn(2400, 12, generator=gen), dim=1)
    xtr, vtr, xte, vte = X[:2000], V[:2000], X[2000:], V[2000:]

    mapper = nn.Sequential(nn.Linear(30, 300), nn.ReLU(), nn.Linear(300, 12))
    optimizer = torch.optim.Adam(mapper.parameters(), lr=1e-3)
    run.watch(mapper, optimizer)
    for epoch in range(8):
        for b in torch.randperm(2000, generator=gen).split(40):
            similarity = F.cosine_similarity(mapper(xtr[b]), vtr[b]).mean()
            loss = similarity if sick else 1 - similarity
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss})
    with torch.no_grad():
        return F.cosine_similarity(mapper(xte), vte).mean().item()


PROGRAM = Program(train, causes=("loss_sign",), by_definition=True)
