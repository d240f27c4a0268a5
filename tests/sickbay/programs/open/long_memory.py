"""Counting ones in a long sequence with a plain recurrent network."""

import torch
from torch import nn

from ...program import Program


class Counter(nn.Module):
    def __init__(self, hidden=48):
        super().__init__()
        self.rnn = nn.RNN(1, hidden, nonlinearity="relu", batch_first=True)
        with torch.no_grad():  # identity start, as in Le, Jaitly and Hinton
            self.rnn.weight_hh_l0.copy_(torch.eye(hidden))
            self.rnn.bias_hh_l0.zero_()
            self.rnn.bias_ih_l0.zero_()
            self.rnn.weight_ih_l0.normal_(0, 0.1)
        self.out = nn.Linear(hidden, 1)

    def forward(self, x):
        h, _ = self.rnn(x)
        return self.out(h[:, -1]).squeeze(1)


def sequences(n, g):
    bits = (torch.rand(n, 60, generator=g) < torch.rand(n, 1, generator=g)).float()
    return bits.unsqueeze(2), (bits.sum(1) - 30) / 17


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    xt, yt = sequences(400, g)
    model = Counter()
    mse = nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    run.watch(model, optimizer, mse)
    for step in range(250):
        x, y = sequences(32, g)
        loss = mse(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        if not sick:
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        run.log({"loss": loss})
    with torch.no_grad():
        r2 = 1 - mse(model(xt), yt) / yt.var()
    return float(torch.nan_to_num(r2, nan=0.0, neginf=0.0))


PROGRAM = Program(train, causes=("exploding_gradient",))
