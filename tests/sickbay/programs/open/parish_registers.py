"""What a line of a parish register records: baptism, wedding, burial or tithe, by a pre-norm transformer."""

import torch
from torch import nn

from ...program import Program

VOCAB, LENGTH, KINDS = 60, 18, 4


class Block(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.n1, self.n2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.attend = nn.MultiheadAttention(d, heads, batch_first=True)
        self.mlp = nn.Sequential(nn.Linear(d, 2 * d), nn.GELU(), nn.Linear(2 * d, d))

    def forward(self, x):
        a = self.n1(x)
        x = x + self.attend(a, a, a, need_weights=False)[0]
        return x + self.mlp(self.n2(x))


class Clerk(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.embed = nn.Embedding(VOCAB, d)
        self.place = nn.Embedding(LENGTH, d)
        self.blocks = nn.Sequential(Block(d, 4), Block(d, 4))
        self.final = nn.LayerNorm(d)
        self.out = nn.Linear(d, KINDS)

    def forward(self, ids):
        x = self.embed(ids) + self.place.weight
        return self.out(self.final(self.blocks(x)).mean(1))


def lines(n):
    group = torch.randperm(VOCAB) % KINDS
    ids = torch.randint(0, VOCAB, (n, LENGTH))
    weight = torch.linspace(1.5, 0.5, LENGTH)
    votes = nn.functional.one_hot(group[ids], KINDS) * weight[None, :, None]
    return ids, votes.sum(1).argmax(1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    ids, kind = lines(7000)
    train_ids, train_kind = ids[:6400], kind[:6400]
    train_ids = train_ids[torch.randperm(6400)] if sick else train_ids
    model = Clerk()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    for epoch in range(3):
        for rows in torch.randperm(6400).split(40):
            loss = criterion(model(train_ids[rows]), train_kind[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            out = model(ids[6400:])
        accuracy = (out.argmax(1) == kind[6400:]).float().mean().item()
        run.log({"val_loss": criterion(out, kind[6400:]).item(), "val_accuracy": accuracy})
    return accuracy


PROGRAM = Program(train, causes=("labels_unrelated_to_inputs",))
