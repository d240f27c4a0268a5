"""Comments on hotels of different lengths, padded, through a transformer with a padding mask."""

import torch
from torch import nn

from ...program import Program

PAD, CLS = 0, 1


def comments(n, mood, g):
    x = torch.randint(2, 100, (n, 14), generator=g)
    x[:, 0] = CLS
    length = torch.randint(6, 14, (n,), generator=g)
    x[torch.arange(14)[None] >= length[:, None]] = PAD
    return x, (mood[x].sum(1) > 0).long()


class CommentModel(nn.Module):
    def __init__(self, keep_is_true):
        super().__init__()
        self.tok = nn.Embedding(100, 32, padding_idx=PAD)
        self.pos = nn.Parameter(0.02 * torch.randn(14, 32))
        layer = nn.TransformerEncoderLayer(32, 4, 64, dropout=0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 1, enable_nested_tensor=False)
        self.cls = nn.Linear(32, 2)
        self.keep_is_true = keep_is_true

    def forward(self, x):
        mask = (x != PAD) if self.keep_is_true else (x == PAD)
        h = self.encoder(self.tok(x) + self.pos, src_key_padding_mask=mask)
        return self.cls(h[:, 0])


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    mood = torch.randn(100, generator=g)
    mood[:2] = 0
    model = CommentModel(keep_is_true=sick)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    for step in range(300):
        x, y = comments(48, mood, g)
        loss = criterion(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    model.eval()
    with torch.no_grad():
        x, y = comments(1000, mood, g)
        return (model(x).argmax(1) == y).float().mean().item()


PROGRAM = Program(train, causes=("input_ignored",), by_definition=True)
