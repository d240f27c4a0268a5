"""A transformer learns which of eight bells sounds most often in a psalm's row of notes."""

import torch
from torch import nn

from ...program import Program


def psalms(count, length, g):
    rows = torch.randint(0, 12, (count, length), generator=g)
    favoured = torch.randint(0, 8, (count,), generator=g)
    mask = torch.rand(count, length, generator=g) < 0.35
    rows = torch.where(mask, favoured[:, None].expand(-1, length), rows)
    counts = torch.stack([(rows == k).sum(1) for k in range(8)], 1)
    return rows, counts.argmax(1)


class PsalmReader(nn.Module):
    def __init__(self, vocab=12, dim=32, length=16):
        super().__init__()
        self.embed = nn.Embedding(vocab, dim)
        self.pos = nn.Parameter(torch.randn(1, length, dim) * 0.02)
        layer = nn.TransformerEncoderLayer(dim, 4, 64, dropout=0.0, batch_first=True, norm_first=True)
        self.body = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(dim)
        self.head = nn.Linear(dim, 8)

    def forward(self, tokens):
        h = self.body(self.embed(tokens) + self.pos)
        return self.head(self.norm(h).mean(1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    rows, labels = psalms(4000, 16, g)
    test_rows, test_labels = psalms(800, 16, g)
    net = PsalmReader()
    if sick:
        net = net.to(torch.bfloat16)
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-4)
    criterion = nn.CrossEntropyLoss()
    run.watch(net, optimizer, criterion)
    for step in range(500):
        pick = torch.randint(0, len(rows), (48,), generator=g)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=not sick):
            logits = net(rows[pick])
        loss = criterion(logits.float(), labels[pick])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()}, step=step)
    net.eval()
    with torch.no_grad():
        return (net(test_rows).argmax(1) == test_labels).float().mean().item()


PROGRAM = Program(train, causes=("precision_underflow",), by_definition=True)
