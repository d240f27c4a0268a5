"""Tables of embeddings and a head kept in bfloat16, trained by SGD with a small rate."""

import torch
import torch.nn as nn

from ...program import Program


class Shop(nn.Module):
    def __init__(self):
        super().__init__()
        self.item = nn.Embedding(60, 16)
        self.day = nn.Embedding(7, 16)
        self.net = nn.Sequential(nn.Linear(32, 48), nn.ReLU(), nn.Linear(48, 1))

    def forward(self, item, day):
        return self.net(torch.cat([self.item(item), self.day(day)], 1)).float().squeeze(1)


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(34)
    item, day = torch.randint(0, 60, (4000,), generator=g), torch.randint(0, 7, (4000,), generator=g)
    worth = torch.randn(60, generator=g)
    y = worth[item] * (1 + 0.5 * (day > 4).float()) + 0.1 * torch.randn(4000, generator=g)
    model = Shop()
    if sick:
        model = model.bfloat16()
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-4)
    run.watch(model, optimizer, criterion)
    for step in range(600):
        i = torch.randint(0, 3600, (64,))
        loss = criterion(model(item[i], day[i]), y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        return 1 - criterion(model(item[3600:], day[3600:]), y[3600:]).item() / y[3600:].var().item()


PROGRAM = Program(train, causes=("precision_underflow",))
