"""An autoencoder whose decoder is the encoder's matrix, transposed."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

from ...program import Program


class TiedAutoencoder(nn.Module):
    def __init__(self, n_in=64, code=16):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(code, n_in))
        nn.init.xavier_normal_(self.weight)
        self.b_enc, self.b_dec = nn.Parameter(torch.zeros(code)), nn.Parameter(torch.zeros(n_in))

    def forward(self, x):
        h = F.leaky_relu(F.linear(x, self.weight, self.b_enc), 0.1)
        return F.linear(h, self.weight.t(), self.b_dec)


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    x = (torch.tensor(load_digits().data).float()[torch.randperm(1797, generator=g)] - 4.9) / 6
    model = TiedAutoencoder()
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    run.watch(model, optimizer, criterion)
    for step in range(400):
        b = x[torch.randint(1400, (256,), generator=g)]
        loss = criterion(model(b), b)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss})
    with torch.no_grad():
        t = x[1400:]
        return 1 - (criterion(model(t), t) / (t - x[:1400].mean(0)).pow(2).mean()).item()


PROGRAM = Program(train)
