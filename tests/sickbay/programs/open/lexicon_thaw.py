"""Word vectors learnt from neighbours, fixed while a new GRU classifier settles, then let go at a tenth of its rate."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program

TOPICS, VOCAB, LENGTH = 6, 150, 12


def texts(rng, n):
    topic = rng.integers(0, TOPICS, n)
    own = topic[:, None] * 20 + rng.integers(0, 20, (n, LENGTH))
    common = rng.integers(120, VOCAB, (n, LENGTH))
    stray = rng.integers(0, 120, (n, LENGTH))
    u = rng.random((n, LENGTH))
    return torch.tensor(np.where(u < 0.4, own, np.where(u < 0.85, common, stray))), torch.tensor(topic)


def vectors_from_neighbours(corpus, dim):
    counts = torch.zeros(VOCAB, VOCAB)
    for gap in (1, 2, 3):
        pair = corpus[:, :-gap].flatten() * VOCAB + corpus[:, gap:].flatten()
        counts += torch.bincount(pair, minlength=VOCAB * VOCAB).view(VOCAB, VOCAB)
    counts = counts + counts.t() + 1
    pmi = torch.log(counts * counts.sum() / counts.sum(0) / counts.sum(1, keepdim=True))
    u, s, _ = torch.linalg.svd(pmi)
    vectors = u[:, :dim] * s[:dim].sqrt()
    return vectors / vectors.std()


class Classifier(nn.Module):
    def __init__(self, vectors):
        super().__init__()
        self.lexicon = nn.Embedding.from_pretrained(vectors, freeze=True)
        self.gru = nn.GRU(vectors.shape[1], 40, batch_first=True)
        self.out = nn.Linear(40, TOPICS)

    def forward(self, x):
        states, _ = self.gru(self.lexicon(x))
        return self.out(states.mean(1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    x, y = texts(rng, 2000)
    x_test, y_test = texts(rng, 400)
    model = Classifier(vectors_from_neighbours(texts(rng, 6000)[0], 24))
    optimizer = torch.optim.Adam(
        [
            {"params": [*model.gru.parameters(), *model.out.parameters()], "lr": 3e-3},
            {"params": model.lexicon.parameters(), "lr": 3e-4},
        ]
    )
    run.watch(model, optimizer)
    for epoch in range(7):
        if epoch == 5:
            model.lexicon.weight.requires_grad_(True)
        model.train()
        for idx in torch.randperm(len(x)).split(32):
            loss = F.cross_entropy(model(x[idx]), y[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        model.eval()
        with torch.no_grad():
            logits = model(x_test)
            run.log({"val_loss": F.cross_entropy(logits, y_test).item()})
    return (logits.argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train)
