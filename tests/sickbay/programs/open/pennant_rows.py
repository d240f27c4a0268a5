"""Which colour leads in a row of eight flags, where the first three count more, by a small transformer encoder."""

import torch
import torch.nn as nn

from ...program import Program

FLAGS = 24
ROW = 8
COLOURS = 4


class FlagAttention(nn.Module):
    def __init__(self, dim=48):
        super().__init__()
        self.flag = nn.Embedding(FLAGS, dim)
        self.seat = nn.Embedding(ROW, dim)
        layer = nn.TransformerEncoderLayer(dim, nhead=4, dim_feedforward=96, dropout=0.1, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, num_layers=2)
        self.colour = nn.Linear(dim, COLOURS)

    def forward(self, flags):
        h = self.flag(flags) + self.seat.weight
        return self.colour(self.encoder(h).mean(1))


def rows_of_flags(count):
    flags = torch.randint(FLAGS, (count, ROW))
    counts = torch.stack([(flags % COLOURS == c).sum(1) for c in range(COLOURS)], 1).float()
    counts += 0.5 * torch.stack([(flags[:, :3] % COLOURS == c).sum(1) for c in range(COLOURS)], 1)
    return flags, counts.argmax(1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    flags, colour = rows_of_flags(4000)
    model = FlagAttention()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=0.4 if sick else 1e-5)
    run.watch(model, optimizer, criterion)
    for _epoch in range(7):
        model.train()
        for rows in torch.randperm(3500).split(64):
            optimizer.zero_grad()
            loss = criterion(model(flags[rows]), colour[rows])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    model.eval()
    with torch.no_grad():
        return (model(flags[3500:]).argmax(1) == colour[3500:]).float().mean().item()


PROGRAM = Program(train, causes=("over_regularised",))
