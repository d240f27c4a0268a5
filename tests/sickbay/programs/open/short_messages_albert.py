"""A text transformer with a factorised embedding and a two-step projection, as ALBERT has, rates messages."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


class SmallAlbert(nn.Module):
    def __init__(self, vocab=150, e=12, d=48):
        super().__init__()
        self.embedding = nn.Embedding(vocab, e)
        self.widen = nn.Linear(e, d, bias=False)
        self.layer = nn.TransformerEncoderLayer(d, 4, 96, dropout=0.0, batch_first=True, norm_first=True)
        self.norm = nn.LayerNorm(d)
        self.narrow = nn.Linear(d, 8, bias=False)
        self.classify = nn.Linear(8, 3)

    def forward(self, x):
        h = self.widen(self.embedding(x))
        for _ in range(2):
            h = self.layer(h)
        return self.classify(self.narrow(self.norm(h).mean(1)))


def messages(rng, n, mood):
    zipf = 1 / np.arange(1, 151) ** 0.7
    words = rng.choice(150, (n, 16), p=zipf / zipf.sum())
    total = mood[words].sum(1)
    return torch.tensor(words), torch.tensor(np.digitize(total, [-1.5, 1.5]))


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    mood = rng.choice([-1, 0, 1], 150, p=[0.3, 0.4, 0.3])
    train_loader = DataLoader(TensorDataset(*messages(rng, 4000, mood)), batch_size=50, shuffle=True)
    x_val, y_val = messages(rng, 500, mood)
    model = SmallAlbert()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(6):
        for x, y in train_loader:
            loss = criterion(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            run.log({"val_accuracy": (model(x_val).argmax(1) == y_val).float().mean().item()})
    with torch.no_grad():
        return (model(x_val).argmax(1) == y_val).float().mean().item()


PROGRAM = Program(train)
