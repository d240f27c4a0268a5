"""The next string a puppeteer pulls, given those before: a GRU over a play's notation."""

import torch
from torch import nn

from ...program import Program

STRINGS = 10


class Puppeteer(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.embed = nn.Embedding(STRINGS, 16)
        self.gru = nn.GRU(16, hidden, batch_first=True)
        self.next = nn.Linear(hidden, STRINGS)

    def forward(self, pulled):
        h, _ = self.gru(self.embed(pulled))
        return self.next(h)


def plays(n, length):
    """The last two strings choose the next, four times in five."""
    rule = torch.randint(0, STRINGS, (STRINGS, STRINGS))
    seq = [torch.randint(0, STRINGS, (n,)), torch.randint(0, STRINGS, (n,))]
    for _ in range(length - 2):
        free = torch.rand(n) < 0.2
        seq.append(torch.where(free, torch.randint(0, STRINGS, (n,)), rule[seq[-2], seq[-1]]))
    return torch.stack(seq, 1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    seq = plays(2400, 20)
    fit, held = seq[:2000], seq[2000:]
    model = Puppeteer(hidden=2 if sick else 64)
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    for epoch in range(9):
        for batch in fit[torch.randperm(2000)].split(40):
            logits = model(batch[:, :-1])
            loss = criterion(logits.reshape(-1, STRINGS), batch[:, 1:].reshape(-1))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            out = model(held[:, :-1])
            val = criterion(out.reshape(-1, STRINGS), held[:, 1:].reshape(-1)).item()
        run.log({"val_loss": val})
    return (out.argmax(-1) == held[:, 1:]).float().mean().item()


PROGRAM = Program(train, causes=("capacity_too_small",))
