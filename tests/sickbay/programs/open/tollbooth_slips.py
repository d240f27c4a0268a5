"""Sorts tollbooth slips, short rows of codes, into eight tariffs with a transformer encoder."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program

CODES, LENGTH, TARIFFS = 40, 14, 8


def make_slips(n, generator):
    tariff = torch.randint(TARIFFS, (n,), generator=generator)
    slips = torch.randint(TARIFFS * 3, CODES, (n, LENGTH), generator=generator)
    for _ in range(3):
        where = torch.randint(LENGTH, (n,), generator=generator)
        mark = tariff * 3 + torch.randint(3, (n,), generator=generator)
        slips[torch.arange(n), where] = mark
    return slips, tariff


class SlipSorter(nn.Module):
    def __init__(self, dim=40):
        super().__init__()
        self.embed = nn.Embedding(CODES, dim)
        self.position = nn.Parameter(torch.randn(LENGTH, dim) * 0.02)
        layer = nn.TransformerEncoderLayer(dim, nhead=4, dim_feedforward=80, dropout=0.1, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, num_layers=2)
        self.classify = nn.Linear(dim, TARIFFS)

    def forward(self, slips):
        return self.classify(self.encoder(self.embed(slips) + self.position).mean(dim=1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed + 100)
    x_train, y_train = make_slips(3200, g)
    x_test, y_test = make_slips(800, g)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True)

    model = SlipSorter()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=0.5 if sick else 1e-5)
    run.watch(model, optimizer, criterion)

    step = 0
    for epoch in range(4):
        model.train()
        for slips, tariff in loader:
            optimizer.zero_grad()
            loss = criterion(model(slips), tariff)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()}, step=step)
            step += 1
        model.eval()
        with torch.no_grad():
            out = model(x_test)
            acc = (out.argmax(1) == y_test).float().mean().item()
            run.log({"val_loss": criterion(out, y_test).item(), "val_acc": acc}, step=step - 1)
    return acc


PROGRAM = Program(train, causes=("over_regularised",))
