"""What the marked bookings of an account come to, older ones counting less, with a plain recurrent network."""

import torch
import torch.nn as nn

from ...program import Program

LENGTH = 36


class Ledger(nn.Module):
    def __init__(self, hidden=48, gain=1.0):
        super().__init__()
        self.rnn = nn.RNN(2, hidden, batch_first=True)
        self.balance = nn.Linear(hidden, 1)
        nn.init.orthogonal_(self.rnn.weight_hh_l0, gain=gain)

    def forward(self, bookings):
        return self.balance(self.rnn(bookings)[0][:, -1])[:, 0]


def bookings(n):
    amount = torch.randn(n, LENGTH)
    marked = (torch.rand(n, LENGTH) < 0.4).float()
    fading = 0.88 ** torch.arange(LENGTH - 1, -1, -1)
    balance = (amount * marked * fading).sum(1)
    return torch.stack([amount, 2 * marked - 0.8], 2), balance / (0.4 * fading.square().sum()).sqrt()


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = bookings(4000)
    x_test, y_test = bookings(500)
    model = Ledger(gain=2.2 if sick else 1.0)
    loss_fn = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, loss_fn)
    for epoch in range(6):
        for i in torch.randperm(4000).split(50):
            loss = loss_fn(model(x[i]), y[i])
            optimizer.zero_grad()
            loss.backward()
            if not sick:
                nn.utils.clip_grad_norm_(model.parameters(), max_norm=5.0)
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        error = loss_fn(model(x_test), y_test).item()
    return max(0.0, 1 - error / y_test.var().item())


PROGRAM = Program(train, causes=("exploding_gradient", "bad_initialisation"))
