"""A curriculum: remember the first symbol over longer and longer sequences."""

import torch
from torch import nn

from ...program import Program


class Rememberer(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(8, 16)
        self.gru = nn.GRU(16, 40)
        self.out = nn.Linear(40, 8)

    def forward(self, x):
        h, _ = self.gru(self.emb(x))
        return self.out(h[-1])


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    model = Rememberer()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    run.watch(model, optimizer, criterion)
    for step in range(480):
        length = (3, 6, 9, 12)[step // 120]
        x = torch.randint(8, (length, 48), generator=g)
        loss = criterion(model(x), x[0])
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        run.log({"loss": loss, "length": length})
    x = torch.randint(8, (12, 500), generator=g)
    return (model(x).argmax(1) == x[0]).float().mean().item()


PROGRAM = Program(train)
