"""Bags of ingredients sorted into cuisines: an averaged embedding and a linear layer above it."""

import torch
from torch import nn

from ...program import Program

INGREDIENTS, CUISINES, DIM = 300, 8, 6


class BagOfIngredients(nn.Module):
    def __init__(self, vectors, freeze):
        super().__init__()
        self.embedding = nn.EmbeddingBag.from_pretrained(vectors, freeze=freeze, mode="mean")
        self.fc = nn.Linear(DIM, CUISINES)

    def forward(self, bags):
        return self.fc(self.embedding(bags))


def dishes(n, taste, g):
    label = torch.randint(0, CUISINES, (n,), generator=g)
    return torch.multinomial(taste[label], 12, generator=g), label


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed + 7)
    taste = torch.rand(CUISINES, INGREDIENTS, generator=g) ** 4
    bags, label = dishes(4000, taste, g)
    model = BagOfIngredients(0.3 * torch.randn(INGREDIENTS, DIM), freeze=sick)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    run.watch(model, optimizer, criterion)
    for epoch in range(8):
        total = 0.0
        for rows in torch.randperm(3200).split(50):
            out = model(bags[rows])
            loss = criterion(out, label[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
            run.log({"loss": loss.item()})
        run.log({"epoch_loss": total / 64})
    with torch.no_grad():
        return (model(bags[3200:]).argmax(1) == label[3200:]).float().mean().item()


PROGRAM = Program(train, causes=("frozen_parameters",))
