"""Which desk a wire story belongs to, read by a small transformer encoder over its words."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program

VOCAB, LENGTH, DESKS = 200, 20, 6


def stories(n, g):
    desk = torch.randint(0, DESKS, (n,), generator=g)
    common = torch.randint(80, VOCAB, (n, LENGTH), generator=g)
    topical = torch.randint(0, 12, (n, LENGTH), generator=g) + 12 * desk[:, None]
    stray = torch.randint(0, 72, (n, LENGTH), generator=g)
    u = torch.rand(n, LENGTH, generator=g)
    words = torch.where(u < 0.22, topical, torch.where(u < 0.4, stray, common))
    return words, desk


class PositionalEncoding(nn.Module):
    def __init__(self, d_model, max_len=64):
        super().__init__()
        pos = torch.arange(max_len).unsqueeze(1)
        div = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
        pe = torch.zeros(max_len, d_model)
        pe[:, 0::2] = torch.sin(pos * div)
        pe[:, 1::2] = torch.cos(pos * div)
        self.register_buffer("pe", pe)

    def forward(self, x):
        return x + self.pe[: x.size(1)]


class DeskTransformer(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.embed = nn.Embedding(VOCAB, d)
        self.pos = PositionalEncoding(d)
        layer = nn.TransformerEncoderLayer(d, nhead=4, dim_feedforward=64, dropout=0.1, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, num_layers=2)
        self.out = nn.Linear(d, DESKS)

    def forward(self, words):
        h = self.encoder(self.pos(self.embed(words)))
        return self.out(h.mean(dim=1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed + 40)
    train_x, train_y = stories(4000, g)
    test_x, test_y = stories(600, g)
    net = DeskTransformer()
    opt = torch.optim.Adam(net.parameters(), lr=0.1 if sick else 1e-3)
    run.watch(net, opt)
    step = 0
    for _epoch in range(4):
        for idx in torch.randperm(len(train_x)).split(40):
            net.train()
            loss = F.cross_entropy(net(train_x[idx]), train_y[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
            step += 1
            run.log({"loss": loss.item()}, step=step)
    net.eval()
    with torch.no_grad():
        return (net(test_x).argmax(-1) == test_y).float().mean().item()


PROGRAM = Program(train, causes=("learning_rate_too_high",))
