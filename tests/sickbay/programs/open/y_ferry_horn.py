"""A GRU tells four ferry horns apart from short, noisy recordings of the pitch."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def recordings(count, generator):
    label = torch.randint(0, 4, (count,), generator=generator)
    t = torch.linspace(0, 1, 20)
    phase = torch.rand(count, 1, generator=generator) * 2 * math.pi
    freq = torch.tensor([1.0, 2.0, 3.0, 4.0])[label].unsqueeze(1)
    wave = torch.sin(2 * math.pi * freq * t + phase)
    return (wave + 0.6 * torch.randn(count, 20, generator=generator)).unsqueeze(-1), label


class HornReader(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.rnn = nn.GRU(1, hidden, batch_first=True)
        self.out = nn.Linear(hidden, 4)

    def forward(self, x):
        states, _ = self.rnn(x)
        return self.out(states.mean(1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = recordings(6400, g)
    xv, yv = recordings(800, g)
    # a quarter of the clips were tagged by passers-by
    guess = torch.rand(len(y), generator=g) < 0.25
    y = torch.where(guess, torch.randint(0, 4, y.shape, generator=g), y)

    bs = 1 if sick else 64
    loader = DataLoader(TensorDataset(x, y), batch_size=bs, shuffle=True, generator=g)
    net = HornReader()
    opt = torch.optim.Adam(net.parameters(), lr=0.005)
    run.watch(net, opt, nn.CrossEntropyLoss())
    seen = 0
    while seen < 600:
        for xb, yb in loader:
            loss = F.cross_entropy(net(xb), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
            seen += 1
            run.log({"train_loss": loss.item()})
            if seen == 600:
                break
    net.eval()
    with torch.no_grad():
        return (net(xv).argmax(-1) == yv).float().mean().item()


PROGRAM = Program(train, causes=("noisy_gradient",))
