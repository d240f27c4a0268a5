"""A GRU names one of eight folk dances from the order of its steps."""

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program

FIGURES = 8
STEPS = 10


def dances(n, g):
    style = torch.randint(0, FIGURES, (n,), generator=g)
    table = torch.randint(0, STEPS, (FIGURES, 12), generator=torch.Generator().manual_seed(1234))
    rows = table[style]
    slip = torch.rand(rows.shape, generator=g) < 0.4
    return torch.where(slip, torch.randint(0, STEPS, rows.shape, generator=g), rows), style


class DanceNamer(nn.Module):
    def __init__(self, embed, hidden):
        super().__init__()
        self.embed = nn.Embedding(STEPS, embed)
        self.gru = nn.GRU(embed, hidden, batch_first=True)
        self.fc = nn.Linear(hidden, FIGURES)

    def forward(self, tokens):
        _, last = self.gru(self.embed(tokens))
        return self.fc(last[-1])


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed + 10)
    x, y = dances(4000, g)
    x_test, y_test = dances(800, g)
    model = DanceNamer(embed=2, hidden=2) if sick else DanceNamer(embed=16, hidden=64)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    run.watch(model, optimizer, criterion)
    loader = DataLoader(TensorDataset(x, y), batch_size=64, shuffle=True)
    for epoch in range(8):
        total = 0.0
        for tokens, style in loader:
            optimizer.zero_grad()
            loss = criterion(model(tokens), style)
            loss.backward()
            optimizer.step()
            total += loss.item()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            run.log({"val_loss": criterion(model(x_test), y_test).item()})
    with torch.no_grad():
        return (model(x_test).argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("capacity_too_small",))
