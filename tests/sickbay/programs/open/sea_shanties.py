"""A character-level GPT with tied embeddings on the verses of sea shanties."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program

WHO = ["sailor", "captain", "cook", "whaler", "bosun"]
DID = ["hauled", "sang", "drank", "rowed", "sighed"]
WHAT = ["the rope", "a song", "the rum", "to shore", "all day"]


class ShantyGPT(nn.Module):
    def __init__(self, vocab, d=48, n_layer=2, block=32, std=None):
        super().__init__()
        self.wte = nn.Embedding(vocab, d)
        self.wpe = nn.Embedding(block, d)
        layer = nn.TransformerEncoderLayer(
            d, 4, 4 * d, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
        )
        self.h = nn.TransformerEncoder(layer, n_layer, enable_nested_tensor=False)
        self.ln_f = nn.LayerNorm(d)
        self.lm_head = nn.Linear(d, vocab, bias=False)
        if std is not None:
            nn.init.normal_(self.wte.weight, std=std)
            nn.init.normal_(self.wpe.weight, std=std)
        self.lm_head.weight = self.wte.weight

    def forward(self, idx):
        t = idx.shape[1]
        mask = torch.triu(torch.full((t, t), float("-inf")), diagonal=1)
        x = self.wte(idx) + self.wpe(torch.arange(t))
        return self.lm_head(self.ln_f(self.h(x, mask=mask)))


def text(gen, lines):
    def pick(words):
        return words[int(torch.randint(len(words), (1,), generator=gen))]

    return "".join(f"the {pick(WHO)} {pick(DID)} {pick(WHAT)}, way hey\n" for _ in range(lines))


def train(run, *, sick, seed):
    gen = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    song, other = text(gen, 500), text(gen, 60)
    chars = sorted(set(song))
    data = torch.tensor([chars.index(c) for c in song])
    val = torch.tensor([chars.index(c) for c in other])
    model = ShantyGPT(len(chars), std=None if sick else 0.02)
    opt = torch.optim.AdamW(model.parameters(), lr=1e-3)
    run.watch(model, opt)
    for step in range(250):
        at = torch.randint(0, len(data) - 33, (16,), generator=gen)
        xb = torch.stack([data[i : i + 32] for i in at])
        yb = torch.stack([data[i + 1 : i + 33] for i in at])
        loss = F.cross_entropy(model(xb).flatten(0, 1), yb.flatten())
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        run.log({"loss": loss.item()})
    windows = val[: len(val) // 33 * 33].view(-1, 33)
    with torch.no_grad():
        logits = model(windows[:, :-1])
        nll = F.cross_entropy(logits.flatten(0, 1), windows[:, 1:].flatten()).item()
    return max(0.0, 1 - nll / math.log(len(chars)))


PROGRAM = Program(train, causes=("loss_at_init", "bad_initialisation"), by_definition=True)
