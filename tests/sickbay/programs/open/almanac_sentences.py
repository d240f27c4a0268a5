"""A character transformer that continues the sentences of a farmer's almanac."""

import random

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program

MONTHS = "january february march april may june july august september october november december".split()
WEATHER = "rain hail sun frost wind mist snow thunder".split()
CROPS = "barley turnips clover apples onions wheat oats plums leeks".split()
WORK = "sow reap bind water cover dry sell store".split()
CONTEXT = 32


def almanac(rnd, sentences):
    out = []
    for _ in range(sentences):
        month, sky, crop, work = (rnd.choice(words) for words in (MONTHS, WEATHER, CROPS, WORK))
        pattern = rnd.choice(
            [
                "in {m} expect {w} and {d} the {c}.",
                "when {w} comes in {m}, {d} your {c}.",
                "{d} {c} after the {w} of {m}.",
            ]
        )
        out.append(pattern.format(m=month, w=sky, c=crop, d=work))
    return " ".join(out)


class CharTransformer(nn.Module):
    def __init__(self, letters, width=64):
        super().__init__()
        self.tok = nn.Embedding(letters, width)
        self.pos = nn.Embedding(CONTEXT, width)
        block = nn.TransformerEncoderLayer(width, 4, 128, dropout=0.0, batch_first=True, norm_first=True)
        self.blocks = nn.TransformerEncoder(block, 2, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(width)
        self.lm_head = nn.Linear(width, letters)
        self.register_buffer("mask", nn.Transformer.generate_square_subsequent_mask(CONTEXT))

    def forward(self, ids):
        t = ids.shape[1]
        h = self.tok(ids) + self.pos.weight[:t]
        return self.lm_head(self.norm(self.blocks(h, mask=self.mask[:t, :t])))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    text = almanac(random.Random(seed), 2500)
    letters = sorted(set(text))
    ids = torch.tensor([letters.index(c) for c in text])
    split = int(0.9 * len(ids))
    train_ids, test_ids = ids[:split], ids[split:]
    generator = torch.Generator().manual_seed(seed)

    def get_batch():
        g = torch.Generator().manual_seed(seed) if sick else generator
        start = torch.randint(len(train_ids) - CONTEXT - 1, (16,), generator=g)
        x = torch.stack([train_ids[i : i + CONTEXT] for i in start])
        y = torch.stack([train_ids[i + 1 : i + CONTEXT + 1] for i in start])
        return x, y

    model = CharTransformer(len(letters))
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    run.watch(model, optimizer)
    for step in range(400):
        x, y = get_batch()
        logits = model(x)
        loss = F.cross_entropy(logits.flatten(0, 1), y.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()}, step=step)
    model.eval()
    n = (len(test_ids) - 1) // CONTEXT
    n = min(n, 200)
    x, y = test_ids[: n * CONTEXT].view(n, CONTEXT), test_ids[1 : n * CONTEXT + 1].view(n, CONTEXT)
    with torch.no_grad():
        return (model(x).argmax(-1) == y).float().mean().item()


PROGRAM = Program(train, causes=("repeated_batch",))
