"""A GRU passes over a string of beads, two of which are marked, and tells what those two are worth together."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program

VALUES, BEADS = 3, 24


def strings(n):
    value = torch.randint(0, VALUES, (n, BEADS))
    first = torch.randint(0, BEADS // 2, (n,))
    second = torch.randint(BEADS // 2, BEADS, (n,))
    rows = torch.arange(n)
    marks = torch.zeros(n, BEADS, 1)
    marks[rows, first] = marks[rows, second] = 1.0
    return torch.cat([F.one_hot(value, VALUES).float(), marks], dim=2), value[rows, first] + value[rows, second]


class BeadGRU(nn.Module):
    def __init__(self, hidden_size=48):
        super(BeadGRU, self).__init__()
        self.gru = nn.GRU(VALUES + 1, hidden_size, batch_first=True)
        self.fc = nn.Linear(hidden_size, 2 * VALUES - 1)

    def forward(self, x):
        out, _ = self.gru(x)
        return self.fc(out[:, -1, :])


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    model = BeadGRU()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: 1.0 if s < 450 else 0.2)
    run.watch(model, optimizer, criterion)
    for it in range(600):
        x, y = strings(64)
        logits = model(x)
        loss = criterion(logits, y)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        run.log({"loss": loss.item(), "acc": (logits.argmax(1) == y).float().mean().item()}, step=it)
    model.eval()
    with torch.no_grad():
        x, y = strings(1000)
        return (model(x).argmax(1) == y).float().mean().item()


PROGRAM = Program(train)
