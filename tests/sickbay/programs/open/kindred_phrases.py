"""Do two phrases speak of the same thing? A twin encoder and a small judge on top."""

import torch
from torch import nn

from ...program import Program

THEMES, PER_THEME, FILLER, LENGTH = 10, 8, 40, 10
VOCAB = THEMES * PER_THEME + FILLER


def phrase(theme, gen):
    n = len(theme)
    word = torch.randint(THEMES * PER_THEME, VOCAB, (n, LENGTH), generator=gen)
    own = theme[:, None] * PER_THEME + torch.randint(0, PER_THEME, (n, LENGTH), generator=gen)
    return torch.where(torch.rand(n, LENGTH, generator=gen) < 0.5, own, word)


def pairs(n, gen):
    a = torch.randint(0, THEMES, (n,), generator=gen)
    same = torch.rand(n, generator=gen) < 0.5
    b = torch.where(same, a, (a + torch.randint(1, THEMES, (n,), generator=gen)) % THEMES)
    return phrase(a, gen), phrase(b, gen), same.float()


class Twin(nn.Module):
    def __init__(self, sick, dim=32, hidden=48):
        super().__init__()
        self.sick = sick
        self.words = nn.Embedding(VOCAB, dim)
        self.lstm = nn.LSTM(dim, hidden, batch_first=True, bidirectional=True)
        self.judge = nn.Sequential(nn.Linear(4 * hidden, 64), nn.ReLU(), nn.Linear(64, 1))

    def encode(self, tokens):
        states, _ = self.lstm(self.words(tokens))
        pooled = states.mean(1)
        return pooled.detach() if self.sick else pooled

    def forward(self, left, right):
        u, v = self.encode(left), self.encode(right)
        return self.judge(torch.cat([(u - v).abs(), u * v], 1)).squeeze(1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    gen = torch.Generator().manual_seed(seed)
    left, right, same = pairs(6000, gen)
    held = pairs(600, gen)
    model = Twin(sick)
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=0.0)
    run.watch(model, optimizer, criterion)
    for step in range(400):
        idx = torch.randint(0, 6000, (64,), generator=gen)
        loss = criterion(model(left[idx], right[idx]), same[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 5 == 0:
            run.log({"loss": loss.item()})
    with torch.no_grad():
        return ((model(*held[:2]) > 0).float() == held[2]).float().mean().item()


PROGRAM = Program(train, causes=("no_gradient",), by_definition=True)
