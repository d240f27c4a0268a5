"""A recurrent net adds up the distances of the marked legs of a long journey."""

import torch
from torch import nn

from ...program import Program

LEGS = 40


def journeys(n, gen):
    distance = torch.rand(n, LEGS, generator=gen)
    marked = (torch.rand(n, LEGS, generator=gen) < 0.1).float()
    total = (distance * marked).sum(1)
    return torch.stack([2 * distance - 1, marked], -1), (total - 2.0) / 1.11


class Odometer(nn.Module):
    def __init__(self, sick, hidden=64):
        super().__init__()
        if sick:
            self.rnn = nn.RNN(2, hidden, nonlinearity="relu", batch_first=True)
            nn.init.eye_(self.rnn.weight_hh_l0)
        else:
            self.rnn = nn.GRU(2, hidden, batch_first=True)
        self.readout = nn.Linear(hidden, 1)

    def forward(self, x):
        _, last = self.rnn(x)
        return self.readout(last[0]).squeeze(1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    gen = torch.Generator().manual_seed(seed)
    x, y = journeys(3000, gen)
    x_test, y_test = journeys(400, gen)
    model = Odometer(sick)
    criterion = nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.06, momentum=0.9)
    run.watch(model, optimizer, criterion)
    for step in range(600):
        pick = torch.randint(0, 3000, (32,), generator=gen)
        optimizer.zero_grad()
        loss = criterion(model(x[pick]), y[pick])
        loss.backward()
        if not sick:
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        share = 1 - criterion(model(x_test), y_test) / y_test.var()
    return float(torch.nan_to_num(share, nan=0.0, neginf=0.0).clamp(0, 1))


PROGRAM = Program(train, causes=("exploding_gradient",))
