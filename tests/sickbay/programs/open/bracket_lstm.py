"""More opening than closing brackets? An LSTM whose returned state is mixed up with the given one."""

import torch
import torch.nn as nn

from ...program import Program


class BracketLSTM(nn.Module):
    def __init__(self, sick):
        super().__init__()
        self.hidden = 24
        self.embedding = nn.Embedding(3, 8)
        self.lstm = nn.LSTM(8, self.hidden, batch_first=True)
        self.linear = nn.Linear(self.hidden, 2)
        self.sick = sick

    def init_hidden(self, n):
        return torch.zeros(1, n, self.hidden), torch.zeros(1, n, self.hidden)

    def forward(self, text):
        h, c = self.init_hidden(len(text))
        output, (hn, cn) = self.lstm(self.embedding(text), (h, c))
        if self.sick:
            return self.linear(h[-1])
        return self.linear(hn[-1])


def strings(n, g):
    s = torch.randint(0, 3, (n, 15), generator=g)
    return s, ((s == 0).sum(1) > (s == 1).sum(1)).long()


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(6)
    x_test, y_test = strings(500, g)
    model = BracketLSTM(sick)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    run.watch(model, optimizer, criterion)
    for step in range(300):
        x, y = strings(64, g)
        model.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item(), "total/steps": step})
    with torch.no_grad():
        return (model(x_test).argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("input_ignored", "no_gradient"), by_definition=True)
