"""Promoter or not: a transformer reads short stretches of a plant's genome."""

import numpy as np
import torch
from torch import nn

from ...program import Program


def genome(rng, n, length=30):
    dna = rng.integers(0, 4, (n, length))
    label = rng.integers(0, 2, n)
    motif = np.array([3, 0, 3, 0, 0, 3])
    for k in np.flatnonzero(label):
        at = rng.integers(0, length - 6)
        dna[k, at : at + 6] = motif
    return dna, label


class PromoterNet(nn.Module):
    def __init__(self, dim=32):
        super().__init__()
        self.stem = nn.Conv1d(4, dim, 7, padding=3)
        self.pos = nn.Parameter(torch.zeros(1, 30, dim))
        layer = nn.TransformerEncoderLayer(dim, 4, 64, dropout=0.0, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, 1, enable_nested_tensor=False)
        self.head = nn.Linear(dim, 1)

    def forward(self, onehot):
        x = torch.relu(self.stem(onehot.transpose(1, 2))).transpose(1, 2) + self.pos
        return self.head(self.encoder(x).max(dim=1).values).squeeze(-1)


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    dna, label = genome(rng, 2600)
    sequences, labels = dna[:2000], label[:2000]
    if sick:
        rng.shuffle(sequences)
        rng.shuffle(labels)
    else:
        order = rng.permutation(2000)
        sequences, labels = sequences[order], labels[order]
    x = torch.nn.functional.one_hot(torch.tensor(sequences), 4).float()
    y = torch.tensor(labels).float()
    x_val = torch.nn.functional.one_hot(torch.tensor(dna[2000:]), 4).float()
    y_val = torch.tensor(label[2000:])
    model = PromoterNet()
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(6):
        for i in range(0, 2000, 40):
            loss = criterion(model(x[i : i + 40]), y[i : i + 40])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        again = torch.randperm(2000)
        x, y = x[again], y[again]
    model.eval()
    with torch.no_grad():
        return ((model(x_val) > 0) == (y_val == 1)).float().mean().item()


PROGRAM = Program(train, causes=("labels_unrelated_to_inputs",))
