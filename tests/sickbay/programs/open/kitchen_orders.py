"""Sorting the dishes of a spoken order into serving sequence: a GRU encoder and a GRU decoder."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program

DISHES = 12
START = DISHES
LENGTH = 5


class Encoder(nn.Module):
    def __init__(self, hidden=64):
        super().__init__()
        self.embedding = nn.Embedding(DISHES, 16)
        self.gru = nn.GRU(16, hidden, batch_first=True)

    def forward(self, order):
        _, hidden = self.gru(self.embedding(order))
        return hidden


class Decoder(nn.Module):
    def __init__(self, hidden=64):
        super().__init__()
        self.embedding = nn.Embedding(DISHES + 1, 16)
        self.gru = nn.GRU(16, hidden, batch_first=True)
        self.out = nn.Linear(hidden, DISHES)

    def forward(self, previous, hidden):
        h, hidden = self.gru(self.embedding(previous), hidden)
        return self.out(h), hidden


class Seq2Seq(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = Encoder()
        self.decoder = Decoder()

    def forward(self, order, served):
        start = torch.full((len(order), 1), START)
        logits, _ = self.decoder(torch.cat([start, served[:, :-1]], 1), self.encoder(order))
        return logits

    @torch.no_grad()
    def serve(self, order):
        token, hidden = torch.full((len(order), 1), START), self.encoder(order)
        dishes = []
        for _ in range(LENGTH):
            logits, hidden = self.decoder(token, hidden)
            token = logits.argmax(-1)
            dishes.append(token)
        return torch.cat(dishes, 1)


def orders(n):
    order = torch.randint(0, DISHES, (n, LENGTH))
    return order, order.sort(dim=1).values


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    test_order, test_served = orders(500)
    model = Seq2Seq()
    if sick:
        optimizer = torch.optim.Adam(model.decoder.parameters(), lr=4e-3)
    else:
        optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    run.watch(model, optimizer)
    for step in range(500):
        order, served = orders(96)
        logits = model(order, served)
        loss = F.cross_entropy(logits.transpose(1, 2), served)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        if step % 4 == 0:
            run.log({"loss": loss.item()}, step=step)
    return (model.serve(test_order) == test_served).float().mean().item()


PROGRAM = Program(train, causes=("not_in_optimizer",), by_definition=True)
