"""Bag of words of court opinions: embeddings, mean over the words that are there, two layers."""

import torch
from torch import nn

from ...program import Program

VOCAB, LONGEST, AREAS = 200, 25, 4


class MaskedMean(nn.Module):
    def __init__(self, careful):
        super().__init__()
        self.careful = careful

    def forward(self, e, ids):
        there = (ids != 0).unsqueeze(-1).float()
        words = there.sum(1)
        if self.careful:
            words = words.clamp(min=1)
        return (e * there).sum(1) / words


class Opinions(nn.Module):
    def __init__(self, careful):
        super().__init__()
        self.embedding = nn.Embedding(VOCAB, 32, padding_idx=0)
        self.mean = MaskedMean(careful)
        self.classify = nn.Sequential(nn.Linear(32, 48), nn.ReLU(), nn.Dropout(0.1), nn.Linear(48, AREAS))

    def forward(self, ids):
        return self.classify(self.mean(self.embedding(ids), ids))


def opinions(n, g):
    words = torch.softmax(1.2 * torch.randn(AREAS, VOCAB - 1, generator=torch.Generator().manual_seed(9)), 1)
    y = torch.randint(0, AREAS, (n,), generator=g)
    ids = 1 + torch.multinomial(words[y], LONGEST, replacement=True, generator=g)
    length = torch.randint(3, LONGEST + 1, (n,), generator=g)
    length[torch.rand(n, generator=g) < 0.001] = 0
    return ids * (torch.arange(LONGEST) < length[:, None]), y


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(50 + seed)
    x, y = opinions(3200, g)
    x[1234] = 0
    xv, yv = opinions(500, g)
    model = Opinions(careful=not sick)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    ce = nn.CrossEntropyLoss()
    run.watch(model, optimizer, ce)
    for epoch in range(4):
        model.train()
        for step, i in enumerate(torch.randperm(3200, generator=g).split(40)):
            loss = ce(model(x[i]), y[i])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if step % 5 == 4:
                run.log({"train/loss": loss.item()})
        model.eval()
        with torch.no_grad():
            out = model(xv)
            run.log({"val/loss": ce(out, yv).item()})
    return (out.argmax(1) == yv).float().mean().item() if torch.isfinite(out).all() else 0.0


PROGRAM = Program(train, causes=("unstable_layer",), by_definition=True)
