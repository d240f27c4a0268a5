"""A GRU reads the stamps on a night train ticket and names the country where the journey ended."""

import torch
from torch import nn

from ...program import Program

STAMPS, COUNTRIES, LENGTH = 40, 5, 9


def tickets(n, gen):
    stamp = torch.randint(0, STAMPS, (n, LENGTH), generator=gen)
    country = torch.randint(0, COUNTRIES, (n,), generator=gen)
    for place in (4, 6, 8):
        stamp[:, place] = country * 8 + torch.randint(0, 8, (n,), generator=gen)
    return stamp, country


class TicketReader(nn.Module):
    def __init__(self, sick):
        super().__init__()
        self.step = 0 if sick else -1
        self.embedding = nn.Embedding(STAMPS, 20)
        self.gru = nn.GRU(20, 40, batch_first=True)
        self.dense = nn.Linear(40, COUNTRIES)

    def forward(self, stamps):
        output, _ = self.gru(self.embedding(stamps))
        return self.dense(output[:, self.step, :])


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    gen = torch.Generator().manual_seed(seed)
    x, y = tickets(3000, gen)
    x_test, y_test = tickets(500, gen)
    model = TicketReader(sick)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.RMSprop(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(10):
        for idx in torch.randperm(len(x), generator=gen).split(50):
            loss = criterion(model(x[idx]), y[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            logits = model(x_test)
            run.log({"val_loss": criterion(logits, y_test).item()})
    return (logits.argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("input_ignored",), by_definition=True)
