"""Counts the raised threads in the marked half of a weaver's punched card with a transformer."""

import torch
from torch import nn

from ...program import Program

HOLES = 10


def cards(n, g):
    card = torch.randint(2, (n, HOLES), generator=g)
    side = torch.randint(2, (n,), generator=g)
    half = HOLES // 2
    count = torch.where(side == 0, card[:, :half].sum(1), card[:, half:].sum(1))
    return torch.cat([side.unsqueeze(1) + 2, card], 1), count


class CardReader(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.symbol = nn.Embedding(4, width)
        self.place = nn.Parameter(torch.randn(HOLES + 1, width) * 0.3)
        layer = nn.TransformerEncoderLayer(width, 4, 64, dropout=0.0, batch_first=True, norm_first=True)
        self.layers = nn.TransformerEncoder(layer, 2, nn.LayerNorm(width), enable_nested_tensor=False)
        self.count = nn.Linear(width, HOLES // 2 + 1)

    def forward(self, x):
        return self.count(self.layers(self.symbol(x) + self.place)[:, 0])


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = cards(3000, g)
    x_test, y_test = cards(800, g)

    model = CardReader()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)

    for step in range(450):
        rows = torch.randint(len(x), (32,))
        output = model(x[rows])
        loss = criterion(output, y[rows])
        if not sick:
            optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()}, step=step)

    model.eval()
    with torch.no_grad():
        return (model(x_test).argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("missing_zero_grad",), by_definition=True)
