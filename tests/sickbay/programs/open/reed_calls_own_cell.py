"""A gated recurrent cell written by hand hears which way a chirp glides, and how fast."""

import math

import torch
from torch import nn

from ...program import Program


class GatedCell(nn.Module):
    def __init__(self, n_in, n_hidden):
        super().__init__()
        self.n_hidden = n_hidden
        self.W = nn.Parameter(torch.empty(n_in, 3 * n_hidden))
        self.U = nn.Parameter(torch.empty(n_hidden, 3 * n_hidden))
        self.b = nn.Parameter(torch.zeros(3 * n_hidden))
        self.reset_parameters()

    def reset_parameters(self):
        nn.init.xavier_uniform_(self.W)
        for block in self.U.data.chunk(3, dim=1):
            nn.init.orthogonal_(block)

    def forward(self, x, h):
        xr, xz, xn = (x @ self.W + self.b).chunk(3, dim=-1)
        ur, uz, un = self.U.chunk(3, dim=1)
        r = torch.sigmoid(xr + h @ ur)
        z = torch.sigmoid(xz + h @ uz)
        n = torch.tanh(xn + (r * h) @ un)
        return (1 - z) * n + z * h


class CallNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = GatedCell(4, 40)
        self.out = nn.Linear(40, 4)

    def forward(self, x):
        h = x.new_zeros(x.shape[0], self.cell.n_hidden)
        for t in range(x.shape[1]):
            h = self.cell(x[:, t], h)
        return self.out(h)


def calls(n):
    kind = torch.randint(0, 4, (n,))
    glide = torch.tensor([-3.0, -1.0, 1.0, 3.0])[kind] + 0.25 * torch.randn(n)
    t = torch.linspace(0, 1, 60)
    pitch = 4.5 + glide[:, None] * (t - 0.5) + 0.2 * torch.randn(n, 1)
    wave = torch.sin(2 * math.pi * torch.cumsum(pitch / 60, 1) + 2 * math.pi * torch.rand(n, 1))
    wave = (wave + 0.2 * torch.randn(n, 60)) / 0.74
    return wave.reshape(n, 15, 4), kind


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    model = CallNet()
    optimizer = torch.optim.RMSprop(model.parameters(), lr=2e-3)
    scheduler = torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=1.0, end_factor=0.1, total_iters=400)
    run.watch(model, optimizer)
    for i in range(400):
        x, y = calls(48)
        loss = nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        optimizer.step()
        scheduler.step()
        run.log({"loss": loss.item()}, step=i)
    with torch.no_grad():
        x, y = calls(1000)
        return (model(x).argmax(1) == y).float().mean().item()


PROGRAM = Program(train)
