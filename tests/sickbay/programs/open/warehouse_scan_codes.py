"""The warehouse hall that a sixteen-sign code belongs to: the sign it holds most often, with a transformer encoder."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program

SIGNS, HALLS, LENGTH = 20, 6, 16


def make_codes(n, generator):
    hall = torch.randint(0, HALLS, (n,), generator=generator)
    codes = torch.randint(0, SIGNS, (n, LENGTH), generator=generator)
    marked = torch.rand(n, LENGTH, generator=generator) < 0.3
    return torch.where(marked, hall[:, None], codes), hall


class HallFinder(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.tokens = nn.Embedding(SIGNS, width)
        self.places = nn.Parameter(0.02 * torch.randn(LENGTH, width))
        layer = nn.TransformerEncoderLayer(width, 4, 64, dropout=0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.out = nn.Linear(width, HALLS)

    def forward(self, codes):
        return self.out(self.encoder(self.tokens(codes) + self.places).mean(1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed + 100)
    loader = DataLoader(TensorDataset(*make_codes(2560, g)), batch_size=64, shuffle=True)
    test_codes, test_halls = make_codes(600, g)
    net = HallFinder()
    opt = torch.optim.Adam(net.parameters(), lr=0.1 if sick else 1e-3)
    run.watch(net, opt)
    step = 0
    for _ in range(8):
        for codes, halls in loader:
            opt.zero_grad()
            loss = F.cross_entropy(net(codes), halls)
            loss.backward()
            opt.step()
            run.log({"train/loss": loss.item()}, step=step)
            step += 1
    net.eval()
    with torch.no_grad():
        return (net(test_codes).argmax(-1) == test_halls).double().mean().item()


PROGRAM = Program(train, causes=("learning_rate_too_high",))
