"""A sparse dictionary: a wide rectified layer with an L1 penalty names the herbs in a mixture's spectrum."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program


class SparseCoder(nn.Module):
    def __init__(self, n_in=30, code=160, n_out=10):
        super().__init__()
        self.encode = nn.Linear(n_in, code)
        self.relu = nn.ReLU()
        self.decode = nn.Linear(code, n_in)
        self.name = nn.Linear(code, n_out)

    def forward(self, x):
        z = self.relu(self.encode(x))
        return self.name(z), self.decode(z), z


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    spectra = rng.normal(size=(10, 30))
    present = (rng.random((3500, 10)) < 0.2).astype(np.float32)
    x = (present * rng.uniform(0.6, 1.4, (3500, 10))) @ spectra + 0.2 * rng.normal(size=(3500, 30))
    x = torch.tensor((x - x.mean(0)) / x.std(0)).float()
    y = torch.tensor(present)
    model = SparseCoder()
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, opt)
    for epoch in range(12):
        for idx in torch.randperm(3000).split(60):
            logits, recon, z = model(x[idx])
            bce = F.binary_cross_entropy_with_logits(logits, y[idx])
            rec = F.mse_loss(recon, x[idx])
            l1 = 0.02 * z.mean()
            loss = bce + 0.5 * rec + l1
            opt.zero_grad()
            loss.backward()
            opt.step()
            run.log({"loss": loss.item(), "loss/names": bce.item(), "loss/spectrum": rec.item(), "loss/l1": l1.item()})
    with torch.no_grad():
        guess = model(x[3000:])[0] > 0
    return (guess == (y[3000:] > 0)).float().mean().item()


PROGRAM = Program(train)
