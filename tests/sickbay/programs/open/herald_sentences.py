"""Parts of a blazon: a transformer tags every word of a herald's description."""

import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program

VOCAB, TAGS, LENGTH = 50, 9, 12


class Tagger(nn.Module):
    def __init__(self, sharp, d=48):
        super().__init__()
        self.sharp = sharp
        self.tok = nn.Embedding(VOCAB, d)
        self.pos = nn.Embedding(LENGTH, d)
        self.blocks = nn.ModuleList(
            nn.TransformerEncoderLayer(d, 4, 2 * d, dropout=0.0, activation="gelu", batch_first=True, norm_first=True)
            for _ in range(2)
        )
        self.ln = nn.LayerNorm(d)
        self.fc = nn.Linear(d, TAGS)

    def forward(self, t):
        h = self.tok(t) + self.pos(torch.arange(t.shape[1]))
        for block in self.blocks:
            h = block(h)
        h = self.fc(self.ln(h))
        return F.softmax(h, dim=-1) if self.sharp else h


def sentences(n):
    """A word's tag is its own, but some words turn the tag of the next."""
    own = torch.randint(0, TAGS, (VOCAB,))
    turning = torch.rand(VOCAB) < 0.3
    t = torch.randint(0, VOCAB, (n, LENGTH))
    tags = own[t]
    tags[:, 1:] = torch.where(turning[t[:, :-1]], (tags[:, 1:] + 4) % TAGS, tags[:, 1:])
    return t, tags


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    words, tags = sentences(3000)
    test_words, test_tags = words[2600:], tags[2600:]
    model = Tagger(sharp=sick)
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, opt, criterion)
    for step in range(450):
        pick = torch.randint(0, 2600, (32,))
        opt.zero_grad(set_to_none=True)
        loss = criterion(model(words[pick]).flatten(0, 1), tags[pick].flatten())
        loss.backward()
        opt.step()
        run.log({"loss": loss.item()}, step=step)
    with torch.no_grad():
        return (model(test_words).argmax(-1) == test_tags).float().mean().item()


PROGRAM = Program(train, causes=("loss_output_mismatch",), by_definition=True)
