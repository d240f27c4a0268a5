"""A transformer with zero-started residual branches translates an old script letter by letter, padding ignored."""

import torch
from torch import nn

from ...program import Program

SIGNS, LETTERS, LENGTH, PAD = 32, 20, 16, 0


def inscriptions(n, gen):
    key = torch.randint(1, LETTERS, (SIGNS, 2), generator=torch.Generator().manual_seed(11))
    signs = torch.randint(1, SIGNS, (n, LENGTH), generator=gen)
    before = torch.cat([torch.ones(n, 1, dtype=torch.long), signs[:, :-1]], 1)
    letters = key[signs, (before > SIGNS // 2).long()]
    lengths = torch.randint(4, LENGTH + 1, (n, 1), generator=gen)
    padded = torch.arange(LENGTH)[None] >= lengths
    return signs.masked_fill(padded, PAD), letters.masked_fill(padded, -100)


class ZeroStartBlock(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.attention = nn.MultiheadAttention(d, 2, batch_first=True)
        self.mlp = nn.Sequential(nn.Linear(d, 2 * d), nn.ReLU(), nn.Linear(2 * d, d))
        self.alpha = nn.Parameter(torch.zeros(2))

    def forward(self, x, mask):
        a, _ = self.attention(x, x, x, key_padding_mask=mask, need_weights=False)
        x = x + self.alpha[0] * a
        return x + self.alpha[1] * self.mlp(x)


class Translator(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.embed = nn.Embedding(SIGNS, d, padding_idx=PAD)
        self.places = nn.Parameter(0.3 * torch.randn(LENGTH, d))
        self.mix = nn.Conv1d(d, d, 2, padding=1)
        self.blocks = nn.ModuleList(ZeroStartBlock(d) for _ in range(3))
        self.head = nn.Linear(d, LETTERS)

    def forward(self, signs):
        x = self.embed(signs) + self.places
        x = x + self.mix(x.transpose(1, 2))[..., :LENGTH].transpose(1, 2)
        for block in self.blocks:
            x = block(x, signs == PAD)
        return self.head(x)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    gen = torch.Generator().manual_seed(seed)
    x, y = inscriptions(3000, gen)
    x_test, y_test = inscriptions(300, gen)
    model = Translator()
    criterion = nn.CrossEntropyLoss(ignore_index=-100, label_smoothing=0.15)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    run.watch(model, optimizer, criterion)
    for step in range(350):
        idx = torch.randint(0, 3000, (24,), generator=gen)
        optimizer.zero_grad()
        loss = criterion(model(x[idx]).transpose(1, 2), y[idx])
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    model.eval()
    with torch.no_grad():
        known = y_test != -100
        return (model(x_test).argmax(-1) == y_test)[known].float().mean().item()


PROGRAM = Program(train)
