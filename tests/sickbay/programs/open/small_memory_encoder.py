"""A transformer sorts help-desk tickets; little memory, so eight small batches make one step."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def tickets(rng, n):
    topic = rng.integers(0, 6, n)
    words = rng.integers(30, 90, (n, 12))
    for k in range(n):
        at = rng.choice(12, 3, replace=False)
        words[k, at] = topic[k] * 5 + rng.integers(0, 5, 3)
    return torch.tensor(words), torch.tensor(topic)


class TicketModel(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.emb = nn.Embedding(90, d)
        self.cls = nn.Parameter(torch.zeros(1, 1, d))
        layer = nn.TransformerEncoderLayer(d, 4, 64, dropout=0.0, batch_first=True, norm_first=True)
        self.enc = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.fc = nn.Linear(d, 6)

    def forward(self, x):
        h = torch.cat([self.cls.expand(len(x), -1, -1), self.emb(x)], dim=1)
        return self.fc(self.enc(h)[:, 0])


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    loader = DataLoader(TensorDataset(*tickets(rng, 1920)), batch_size=8, shuffle=True)
    x_val, y_val = tickets(rng, 400)
    model = TicketModel()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    accum = 8
    run.watch(model, optimizer, criterion)
    for epoch in range(6):
        model.train()
        running = 0.0
        for i, (x, y) in enumerate(loader):
            loss = criterion(model(x), y) / accum
            loss.backward()
            running += loss.item()
            if (i + 1) % accum == 0:
                optimizer.step()
                optimizer.zero_grad()
                run.log({"loss": running})
                running = 0.0
        model.eval()
        with torch.no_grad():
            acc = (model(x_val).argmax(1) == y_val).float().mean().item()
        run.log({"val_acc": acc})
    return acc


PROGRAM = Program(train)
