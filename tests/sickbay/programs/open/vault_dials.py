"""A GRU follows the turns of a safe's dial and tells where it points after each of them."""

import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program

POSITIONS = 5


class Dial(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(POSITIONS, 64, batch_first=True)
        self.readout = nn.Linear(64, POSITIONS)

    def forward(self, x):
        return self.readout(self.gru(x)[0])


def make_turns(n, length=8):
    turns = torch.randint(0, POSITIONS, (n, length))
    return F.one_hot(turns, POSITIONS).float(), turns.cumsum(1) % POSITIONS


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    model = Dial()
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones=[550], gamma=0.2)
    run.watch(model, optimizer)
    running = 0.0
    for step in range(700):
        x, y = make_turns(64)
        logits = model(x)
        loss = F.cross_entropy(logits.reshape(-1, POSITIONS), y.reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
        optimizer.step()
        scheduler.step()
        running += loss.item()
        if (step + 1) % 10 == 0:
            run.log({"loss": running / 10}, step=step)
            running = 0.0
    with torch.no_grad():
        x, y = make_turns(500)
        return (model(x).argmax(-1) == y).float().mean().item()


PROGRAM = Program(train)
