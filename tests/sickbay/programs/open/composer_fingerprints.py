"""A transformer encoder that tells which of six composers wrote a short line of notes."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program

NOTES, LENGTH, COMPOSERS = 14, 16, 6


def compose(rng, n):
    habits = np.random.default_rng(77).dirichlet(np.full(NOTES, 0.15), size=(COMPOSERS, NOTES)).cumsum(-1)
    who = rng.integers(0, COMPOSERS, n)
    lines = np.zeros((n, LENGTH), dtype=np.int64)
    lines[:, 0] = rng.integers(0, NOTES, n)
    for t in range(1, LENGTH):
        chance = rng.random((n, 1))
        lines[:, t] = (habits[who, lines[:, t - 1]] < chance).sum(-1).clip(0, NOTES - 1)
    return torch.from_numpy(lines), torch.from_numpy(who)


class ComposerNet(nn.Module):
    def __init__(self, d_model=32):
        super().__init__()
        self.embedding = nn.Embedding(NOTES, d_model)
        self.position = nn.Embedding(LENGTH, d_model)
        layer = nn.TransformerEncoderLayer(d_model, nhead=4, dim_feedforward=64, dropout=0.1, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, num_layers=2)
        self.classifier = nn.Linear(d_model, COMPOSERS)

    def forward(self, notes):
        h = self.embedding(notes) + self.position(torch.arange(notes.shape[1]))
        return self.classifier(self.encoder(h).mean(1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    x, y = compose(rng, 2880)
    x_val, y_val = compose(rng, 600)
    loader = DataLoader(TensorDataset(x, y), batch_size=32, shuffle=True)

    learning_rate = 1e-6 if sick else 2e-3
    model = ComposerNet()
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate, weight_decay=0.01)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    accuracy = 0.0
    for epoch in range(5):
        model.train()
        for notes, who in loader:
            optimizer.zero_grad()
            loss = criterion(model(notes), who)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item(), "lr": optimizer.param_groups[0]["lr"]})
        model.eval()
        with torch.no_grad():
            out = model(x_val)
            accuracy = (out.argmax(1) == y_val).float().mean().item()
            run.log({"val/loss": criterion(out, y_val).item(), "val/accuracy": accuracy})
    return accuracy


PROGRAM = Program(train, causes=("learning_rate_too_low",))
