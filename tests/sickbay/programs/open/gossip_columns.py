"""Which of six columnists wrote a line, with a transformer encoder over its words."""

import numpy as np
import torch
import torch.nn as nn

from ...program import Program


class ColumnistClassifier(nn.Module):
    def __init__(self, vocab=20, d=48, n_authors=6, max_len=20):
        super().__init__()
        self.tok = nn.Embedding(vocab, d)
        self.pos = nn.Embedding(max_len, d)
        block = nn.TransformerEncoderLayer(d, nhead=4, dim_feedforward=96, dropout=0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(block, num_layers=2)
        self.classifier = nn.Linear(d, n_authors)

    def forward(self, ids):
        h = self.tok(ids) + self.pos(torch.arange(ids.size(1)))
        return self.classifier(self.encoder(h).mean(1))


def lines(n, rng):
    """Each author has words that tend to follow each other."""
    chains = np.random.default_rng(31)
    follow = np.stack([chains.permutation(20) for _ in range(6)])
    author = rng.integers(0, 6, n)
    ids = np.empty((n, 20), dtype=np.int64)
    ids[:, 0] = rng.integers(0, 20, n)
    for t in range(1, 20):
        keep = rng.random(n) < 0.7
        ids[:, t] = np.where(keep, follow[author, ids[:, t - 1]], rng.integers(0, 20, n))
    return torch.from_numpy(ids), torch.from_numpy(author)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    ids, author = lines(6000, np.random.default_rng(seed))
    model = ColumnistClassifier()
    if sick:
        for module in (model.tok, model.pos, model.encoder):
            for p in module.parameters():
                p.requires_grad = False
    optimizer = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=2e-3)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    best = 0.0
    for epoch in range(4):
        model.train()
        for i in torch.randperm(5400).split(48):
            optimizer.zero_grad()
            loss = criterion(model(ids[i]), author[i])
            loss.backward()
            optimizer.step()
            run.log({"train/loss": loss.item()})
        model.eval()
        with torch.no_grad():
            best = max(best, (model(ids[5400:]).argmax(-1) == author[5400:]).float().mean().item())
        run.log({"val/best": best})
    return best


PROGRAM = Program(train, causes=("frozen_parameters",), by_definition=True)
