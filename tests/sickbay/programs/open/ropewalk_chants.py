"""A small causal transformer that continues the chants of a ropewalk, letter by letter."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program

WORDS = (
    "haul away twist the hemp round and turn walk back lay strand over tar rope long line pull men slow steady".split()
)
ALPHABET = " abcdefghijklmnopqrstuvwxyz"
BLOCK = 24


def chant(rng, length):
    words = ["haul"]
    size = 4
    while size < length:
        here = WORDS.index(words[-1])
        nxt = WORDS[(here + 1) % len(WORDS)] if rng.random() < 0.8 else WORDS[rng.integers(len(WORDS))]
        words.append(nxt)
        size += len(nxt) + 1
    return torch.tensor([ALPHABET.index(c) for c in " ".join(words)])


class ChantModel(nn.Module):
    def __init__(self, vocab, width=48):
        super().__init__()
        self.letters = nn.Embedding(vocab, width)
        self.places = nn.Embedding(BLOCK, width)
        layer = nn.TransformerEncoderLayer(width, 4, 96, dropout=0.0, batch_first=True, norm_first=True)
        self.blocks = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, vocab)

    def forward(self, idx):
        t = idx.shape[1]
        x = self.letters(idx) + self.places(torch.arange(t))
        mask = torch.triu(torch.ones(t, t, dtype=torch.bool), diagonal=1)
        return self.head(self.norm(self.blocks(x, mask=mask)))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    text = chant(rng, 16000)
    held = chant(rng, 2500)

    model = ChantModel(len(ALPHABET))
    # start the head at the letter frequencies
    counts = torch.bincount(text, minlength=len(ALPHABET)).float() + 1
    with torch.no_grad():
        prior = counts if sick else (counts / counts.sum()).log()
        model.head.bias.copy_(prior)

    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.01)
    run.watch(model, optimizer)

    for step in range(300):
        starts = torch.randint(len(text) - BLOCK - 1, (24,))
        xb = torch.stack([text[s : s + BLOCK] for s in starts])
        yb = torch.stack([text[s + 1 : s + BLOCK + 1] for s in starts])
        loss = F.cross_entropy(model(xb).flatten(0, 1), yb.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})

    model.eval()
    with torch.no_grad():
        pieces = held[: (len(held) - 1) // BLOCK * BLOCK].view(-1, BLOCK)
        targets = held[1 : pieces.numel() + 1].view(-1, BLOCK)
        return (model(pieces).argmax(-1) == targets).float().mean().item()


PROGRAM = Program(train, causes=("loss_at_init",))
