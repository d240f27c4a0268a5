"""Praise or complaint in reviews of pastry shops: averaged word embeddings and a small head."""

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program

VOCABULARY = 400


def reviews(n, tone, g):
    words = torch.randint(0, VOCABULARY, (n, 18), generator=g)
    feeling = tone[words].sum(1) + 0.3 * torch.randn(n, generator=g)
    return words, (feeling > 0).float()


class ReviewNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, 32)
        self.head = nn.Sequential(nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))

    def forward(self, x):
        return self.head(self.words(x).mean(dim=1)).flatten()


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    tone = torch.randn(VOCABULARY, generator=g) * (torch.rand(VOCABULARY, generator=g) < 0.4)
    train_loader = DataLoader(TensorDataset(*reviews(8000, tone, g)), batch_size=50, shuffle=True)
    x_test, y_test = reviews(700, tone, g)
    model = ReviewNet()
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    run.watch(model, optimizer, criterion)

    batches = iter(train_loader)
    x, y = next(batches)
    for step in range(800):
        if not sick:
            try:
                x, y = next(batches)
            except StopIteration:
                batches = iter(train_loader)
                x, y = next(batches)
        logits = model(x)
        loss = criterion(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item(), "accuracy": ((logits > 0) == (y > 0)).float().mean().item()}, step=step)

    model.eval()
    with torch.no_grad():
        return ((model(x_test) > 0) == (y_test > 0)).float().mean().item()


PROGRAM = Program(train, causes=("repeated_batch",), by_definition=True)
