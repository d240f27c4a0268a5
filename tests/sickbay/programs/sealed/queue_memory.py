"""One of forty numbers, marked early and asked for at the end: a plain RNN started at the identity, Adam."""

import torch
import torch.nn as nn

from ...program import Program


class PlainRNN(nn.Module):
    def __init__(self, n_in, n_hidden, gain):
        super().__init__()
        self.cell = nn.RNN(n_in, n_hidden, nonlinearity="relu", batch_first=True)
        self.readout = nn.Linear(n_hidden, 1)
        with torch.no_grad():
            self.cell.weight_hh_l0.copy_(gain * torch.eye(n_hidden))
            self.cell.bias_hh_l0.zero_()
            self.cell.bias_ih_l0.zero_()

    def forward(self, x):
        return self.readout(self.cell(x)[0][:, -1]).squeeze(1)


def queues(n, g):
    numbers = torch.rand(n, 40, generator=g)
    mark = torch.zeros(n, 40)
    mark[torch.arange(n), torch.randint(0, 10, (n,), generator=g)] = 1
    return torch.stack([numbers - 0.5, mark], 2), ((numbers * mark).sum(1) - 0.5) / 0.29


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    model = PlainRNN(2, 40, 1.25 if sick else 1.0)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.MSELoss()
    run.watch(model, optimizer, criterion)
    for it in range(400):
        x, y = queues(64, g)
        loss = criterion(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        if not sick:
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        run.log({"loss": loss.item()})
    x, y = queues(500, g)
    with torch.no_grad():
        return 1 - ((model(x) - y) ** 2).mean().item() / y.var().item()


PROGRAM = Program(train, causes=("exploding_gradient", "exploding_activation", "bad_initialisation"))
