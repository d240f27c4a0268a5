"""The swing of a driven pendulum over eighty clicks, followed by a recurrent network of rectified units."""

import torch
from torch import nn

from ...program import Program


class SwingRNN(nn.Module):
    """After Le, Jaitly and Hinton: rectified units, the recurrent matrix starts near the identity."""

    def __init__(self, hidden=64, keep=0.98):
        super().__init__()
        self.rnn = nn.RNN(1, hidden, nonlinearity="relu", batch_first=True)
        with torch.no_grad():
            self.rnn.weight_hh_l0.copy_(keep * torch.eye(hidden))
        self.readout = nn.Linear(hidden, 1)

    def forward(self, pushes):
        states, _ = self.rnn(pushes)
        return self.readout(states)


def swings(n, length, generator):
    pushes = torch.randn(n, length, 1, generator=generator)
    position, speed, seen = torch.zeros(n, 1), torch.zeros(n, 1), []
    for t in range(length):
        speed = 0.9 * speed - 0.05 * position - 0.05 * torch.sin(position) + 0.5 * pushes[:, t]
        position = position + 0.5 * speed
        seen.append(position)
    target = torch.stack(seen, 1)
    return pushes, (target - target.mean()) / target.std()


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(1000 + seed)
    x, y = swings(1400, 80, generator)
    x_train, y_train, x_val, y_val = x[:1200], y[:1200], x[1200:], y[1200:]
    model = SwingRNN()
    mse = nn.MSELoss()
    opt = torch.optim.SGD(model.parameters(), lr=5e-3, momentum=0.9)
    run.watch(model, opt, mse)
    for step in range(1, 401):
        i = torch.randint(0, 1200, (32,))
        loss = mse(model(x_train[i]), y_train[i])
        opt.zero_grad()
        loss.backward()
        if not sick:
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        run.log({"loss": loss.item()}, step=step)
        if step % 50 == 0:
            with torch.no_grad():
                run.log({"val/loss": mse(model(x_val), y_val).item()}, step=step)
    with torch.no_grad():
        explained = 1 - mse(model(x_val), y_val) / y_val.var()
    return float(explained.nan_to_num(0.0, 0.0, 0.0).clamp(0, 1))


PROGRAM = Program(train, causes=("exploding_gradient",))
