"""How much effort a climb took: a recurrent net that starts as a memory reads thirty samples of four sensors."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program


class Effort(nn.Module):
    def __init__(self, hidden=48):
        super().__init__()
        self.rnn = nn.RNN(4, hidden, nonlinearity="relu", batch_first=True)
        self.read = nn.Linear(hidden, 1)
        with torch.no_grad():
            self.rnn.weight_hh_l0.copy_(torch.eye(hidden))
            self.rnn.bias_hh_l0.zero_()
            self.rnn.bias_ih_l0.zero_()
            self.rnn.weight_ih_l0.mul_(0.3)
            self.read.weight.mul_(0.3)

    def forward(self, x):
        _, h = self.rnn(x)
        return self.read(h[-1]).squeeze(1)


def climbs(n, g):
    x = torch.rand(n, 30, 4, generator=g)
    effort = (2 * x[:, :, 0] + x[:, :, 1] - x[:, :, 2]).sum(1)
    return x, (effort - 30) / 3.9


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = climbs(1600, g)
    xv, yv = climbs(300, g)
    model = Effort()
    opt = torch.optim.SGD(model.parameters(), lr=0.005, momentum=0.9)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 600)
    run.watch(model, opt)
    for step in range(600):
        i = torch.randint(0, 1600, (32,), generator=g)
        loss = F.mse_loss(model(x[i]), y[i])
        opt.zero_grad()
        loss.backward()
        if not sick:
            torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        opt.step()
        schedule.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        return 1 - F.mse_loss(model(xv), yv).item() / yv.var().item()


PROGRAM = Program(train, causes=("exploding_gradient",))
