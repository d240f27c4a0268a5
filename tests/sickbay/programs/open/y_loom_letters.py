"""A transformer encoder says how many different letters a weaver's note uses."""

import torch
from torch import nn

from ...program import Program

LETTERS = 10
LENGTH = 8
CLASSES = 6


class Encoder(nn.Module):
    def __init__(self, dim=48, length=LENGTH):
        super().__init__()
        self.embed = nn.Embedding(LETTERS, dim)
        self.position = nn.Parameter(torch.randn(length, dim) * 0.3)
        layer = nn.TransformerEncoderLayer(dim, 4, 96, dropout=0.0, batch_first=True)
        self.layers = nn.TransformerEncoder(layer, 2)

    def forward(self, x):
        return self.layers(self.embed(x) + self.position)


class NoteReader(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = Encoder()
        self.classifier = nn.Linear(48, CLASSES)

    def forward(self, x):
        return self.classifier(self.encoder(x).mean(1))


def notes(n, g):
    pool = torch.randint(2, LETTERS + 1, (n, 1), generator=g)
    x = (torch.rand(n, LENGTH, generator=g) * pool).long()
    turn = torch.randint(0, LETTERS, (n, 1), generator=g)
    x = (x + turn) % LETTERS
    kinds = nn.functional.one_hot(x, LETTERS).amax(1).sum(1)
    return x, (kinds - 1).clamp(max=CLASSES - 1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x_test, y_test = notes(1000, g)
    model = NoteReader()
    if sick:
        for p in model.encoder.parameters():
            p.requires_grad = False
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=2e-3)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    for step in range(500):
        x, y = notes(64, g)
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()}, step=step)
    model.eval()
    with torch.no_grad():
        return (model(x_test).argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("frozen_parameters",))
