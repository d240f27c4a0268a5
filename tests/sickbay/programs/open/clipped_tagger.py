"""A tagger of token sequences by a GRU; the clipping norm has lost three digits."""

import torch
import torch.nn as nn

from ...program import Program


def sentences(n, g):
    words = torch.randint(0, 40, (n, 12), generator=g)
    tags = words % 4
    after = torch.roll(words, 1, 1) < 10
    after[:, 0] = False
    return words, torch.where(after, (tags + 1) % 4, tags)


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.word = nn.Embedding(40, 24)
        self.gru = nn.GRU(24, 32, batch_first=True, bidirectional=True)
        self.tag = nn.Linear(64, 4)

    def forward(self, w):
        return self.tag(self.gru(self.word(w))[0])


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(16)
    w, t = sentences(1500, g)
    w_val, t_val = sentences(200, g)
    model = Tagger()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5, momentum=0.9)
    run.watch(model, optimizer, criterion)
    max_norm = 0.001 if sick else 1.0
    for epoch in range(7):
        for i in torch.randperm(1500).split(32):
            optimizer.zero_grad()
            loss = criterion(model(w[i]).view(-1, 4), t[i].view(-1))
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), max_norm)
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        return (model(w_val).argmax(-1) == t_val).float().mean().item()


PROGRAM = Program(train, causes=("clipping_always_on",))
