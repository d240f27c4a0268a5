"""Who borrows which book again: factors of readers and books in sparse tables; most rows are not met in a batch."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program

READERS, BOOKS, D = 300, 400, 8


class Factors(nn.Module):
    def __init__(self):
        super().__init__()
        self.readers = nn.Embedding(READERS, D, sparse=True)
        self.books = nn.Embedding(BOOKS, D, sparse=True)
        nn.init.normal_(self.readers.weight, std=0.1)
        nn.init.normal_(self.books.weight, std=0.1)

    def forward(self, reader, book):
        return (self.readers(reader) * self.books(book)).sum(1)


def loans(n, g):
    taste = torch.randn(READERS, 3, generator=torch.Generator().manual_seed(67))
    kind = torch.randn(BOOKS, 3, generator=torch.Generator().manual_seed(71))
    reader = torch.randint(0, READERS, (n,), generator=g)
    book = torch.randint(0, BOOKS, (n,), generator=g)
    return reader, book, ((taste[reader] * kind[book]).sum(1) > 0).float()


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    r, b, y = loans(60000, g)
    rv, bv, yv = loans(3000, g)
    model = Factors()
    optimizer = torch.optim.SparseAdam(model.parameters(), lr=0.02)
    run.watch(model, optimizer)
    for step in range(450):
        i = torch.randint(0, len(r), (256,), generator=g)
        loss = F.binary_cross_entropy_with_logits(model(r[i], b[i]), y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
        if step % 50 == 49:
            with torch.no_grad():
                run.log({"val_loss": F.binary_cross_entropy_with_logits(model(rv, bv), yv).item()})
    with torch.no_grad():
        return ((model(rv, bv) > 0).float() == yv).float().mean().item()


PROGRAM = Program(train)
