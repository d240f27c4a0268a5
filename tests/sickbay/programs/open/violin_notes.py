"""A codebook for short frames of a violin (VQ-VAE): nearest code, then decode."""

import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program


class Codes(nn.Module):
    def __init__(self, n=48, d=4):
        super().__init__()
        self.table = nn.Parameter(torch.randn(n, d) * 0.5)

    def forward(self, z):
        return self.table[torch.cdist(z.detach(), self.table.detach()).argmin(1)]


class Codec(nn.Module):
    def __init__(self, sick):
        super().__init__()
        self.encode = nn.Sequential(nn.Linear(32, 64), nn.ReLU(), nn.Linear(64, 8))
        self.codes = nn.ModuleList(Codes() for _ in range(2))
        self.decode = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 32))
        self.sick = sick

    def forward(self, x):
        z = self.encode(x)
        q = torch.cat([codes(part) for codes, part in zip(self.codes, z.chunk(2, 1))], 1)
        if self.sick:
            return self.decode(q), F.mse_loss(q, z.detach())
        commitment = F.mse_loss(q, z.detach()) + 0.25 * F.mse_loss(z, q.detach())
        return self.decode(z + (q - z).detach()), commitment


def frames(n, g):
    t = torch.arange(32) / 32
    pitch = 1 + 2 * torch.rand(n, 1, generator=g)
    phase = 6.28 * torch.rand(n, 1, generator=g)
    return torch.sin(6.28 * pitch * t + phase) + 0.05 * torch.randn(n, 32, generator=g)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, xv = frames(3000, g), frames(400, g)
    model = Codec(sick)
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, opt)
    for step in range(500):
        batch = x[torch.randint(0, 3000, (64,), generator=g)]
        out, vq = model(batch)
        rec = F.mse_loss(out, batch)
        loss = rec + vq
        opt.zero_grad()
        loss.backward()
        opt.step()
        run.log({"loss": loss.item(), "loss/reconstruction": rec.item(), "loss/codebook": vq.item()})
    with torch.no_grad():
        return 1 - F.mse_loss(model(xv)[0], xv).item() / xv.var().item()


PROGRAM = Program(train, causes=("no_gradient",), by_definition=True)
