"""How much nectar a bee brings home, from thirty visits to flowers, with a recurrent cell of our own."""

import numpy as np
import torch
from torch import nn

from ...program import Program


class VisitCell(nn.Module):
    def __init__(self, inputs, hidden, bounded):
        super().__init__()
        self.from_visit = nn.Linear(inputs, hidden)
        self.from_state = nn.Linear(hidden, hidden, bias=False)
        self.bounded = bounded

    def forward(self, visit, state):
        update = self.from_visit(visit) + self.from_state(state)
        if self.bounded:
            return 0.9 * state + 0.1 * torch.tanh(update)
        return state + torch.relu(update)


class Forager(nn.Module):
    def __init__(self, bounded, hidden=32):
        super().__init__()
        self.hidden = hidden
        self.cell = VisitCell(3, hidden, bounded)
        self.readout = nn.Linear(hidden, 1)

    def forward(self, visits):
        state = visits.new_zeros(visits.shape[0], self.hidden)
        for visit in visits.unbind(1):
            state = self.cell(visit, state)
        return self.readout(state).squeeze(1)


def trips(rng, n, visits=30):
    flowers = rng.normal(0, 1, (n, visits, 3))
    fade = np.linspace(0.3, 1.0, visits)
    nectar = (fade * (flowers[:, :, 0] - 0.7 * flowers[:, :, 1])).sum(1) + rng.normal(0, 0.5, n)
    return torch.tensor(flowers, dtype=torch.float32), torch.tensor(nectar / 4.7, dtype=torch.float32)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    visits, nectar = trips(rng, 2400)
    test_visits, test_nectar = trips(rng, 500)
    model = Forager(bounded=not sick)
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(6):
        for rows in torch.randperm(len(visits)).split(48):
            loss = criterion(model(visits[rows]), nectar[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        error = criterion(model(test_visits), test_nectar).item()
    score = 1 - error / test_nectar.var().item()
    return score if score > 0 else 0.0


PROGRAM = Program(train, causes=("exploding_activation",))
