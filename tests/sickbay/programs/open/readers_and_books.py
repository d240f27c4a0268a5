"""Ratings by the product of two embeddings and two biases; a linear model on purpose."""

import torch
from torch import nn

from ...program import Program


class Factors(nn.Module):
    def __init__(self, readers, books, k=8):
        super().__init__()
        self.reader = nn.Embedding(readers, k)
        self.book = nn.Embedding(books, k)
        self.reader_bias = nn.Embedding(readers, 1)
        self.book_bias = nn.Embedding(books, 1)
        self.mean = nn.Parameter(torch.zeros(()))
        for e in (self.reader, self.book):
            nn.init.normal_(e.weight, std=0.1)
        for e in (self.reader_bias, self.book_bias):
            nn.init.zeros_(e.weight)

    def forward(self, u, i):
        product = (self.reader(u) * self.book(i)).sum(1)
        return self.mean + product + self.reader_bias(u)[:, 0] + self.book_bias(i)[:, 0]


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    U, B = torch.randn(200, 3), torch.randn(150, 3)
    ub, bb = 0.5 * torch.randn(200), 0.7 * torch.randn(150)
    u, i = torch.randint(0, 200, (16000,)), torch.randint(0, 150, (16000,))
    r = 3.4 + 0.6 * (U[u] * B[i]).sum(1) + ub[u] + bb[i] + 0.3 * torch.randn(16000)
    model = Factors(200, 150)
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    run.watch(model, optimizer, criterion)
    for epoch in range(6):
        for rows in torch.randperm(14000).split(128):
            optimizer.zero_grad()
            loss = criterion(model(u[rows], i[rows]), r[rows])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        mse = criterion(model(u[14000:], i[14000:]), r[14000:]).item()
    return 1 - mse / r[14000:].var().item()


PROGRAM = Program(train)
