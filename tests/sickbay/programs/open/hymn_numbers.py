"""Which season a hymn belongs to, from its words: a transformer encoder with a class token."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program

WORDS, LENGTH, SEASONS = 60, 14, 6


def hymns(n, g):
    season = torch.randint(0, SEASONS, (n,), generator=g)
    words = torch.randint(1, WORDS, (n, LENGTH), generator=g)
    own = 1 + season[:, None] * 5 + torch.randint(0, 5, (n, LENGTH), generator=g)
    words = torch.where(torch.rand(n, LENGTH, generator=g) < 0.3, own, words)
    return torch.cat([torch.zeros(n, 1, dtype=torch.long), words], 1), season


class Seasons(nn.Module):
    def __init__(self, dim=32):
        super().__init__()
        self.words = nn.Embedding(WORDS, dim)
        self.places = nn.Embedding(LENGTH + 1, dim)
        layer = nn.TransformerEncoderLayer(dim, 4, 64, dropout=0.1, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2)
        self.out = nn.Linear(dim, SEASONS)

    def forward(self, words):
        x = self.words(words) + self.places(torch.arange(words.shape[1]))
        return self.out(self.encoder(x)[:, 0])


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    words, season = hymns(4400, torch.Generator().manual_seed(seed))
    loader = DataLoader(TensorDataset(words[:4000], season[:4000]), batch_size=40, shuffle=True)
    model = Seasons()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-6 if sick else 2e-3)
    run.watch(model, optimizer, criterion)
    for _ in range(4):
        model.train()
        for x, y in loader:
            loss = criterion(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        model.eval()
        with torch.no_grad():
            out = model(words[4000:])
            right = (out.argmax(1) == season[4000:]).float().mean().item()
        run.log({"val_loss": criterion(out, season[4000:]).item(), "val_acc": right})
    return right


PROGRAM = Program(train, causes=("learning_rate_too_low",))
