"""A decoder-only transformer learns proverbs word by word, padded to one length."""

import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program

PAD, LEN = 0, 14
SUBJECT = ["a rolling stone", "the early bird", "an old fox", "every dog", "the still water"]
VERB = ["gathers", "catches", "has", "keeps", "loses"]
OBJECT = ["no moss", "the worm", "its day", "deep secrets", "its hair", "more than it shows"]


def sample(gen, n, index):
    out = torch.full((n, LEN), PAD)
    for k in range(n):
        s = int(torch.randint(5, (1,), generator=gen))
        v = (s + int(torch.randint(2, (1,), generator=gen))) % 5
        o = (s + v) % 6
        words = ["<s>"] + f"{SUBJECT[s]} {VERB[v]} {OBJECT[o]}".split() + ["</s>"]
        out[k, : len(words)] = torch.tensor([index[w] for w in words])
    return out


class Decoder(nn.Module):
    def __init__(self, vocab, d=48, heads=4, layers=2):
        super().__init__()
        self.heads = heads
        self.tok = nn.Embedding(vocab, d, padding_idx=PAD)
        self.pos = nn.Embedding(LEN, d)
        self.ln1 = nn.ModuleList(nn.LayerNorm(d) for _ in range(layers))
        self.qkv = nn.ModuleList(nn.Linear(d, 3 * d) for _ in range(layers))
        self.proj = nn.ModuleList(nn.Linear(d, d) for _ in range(layers))
        self.ln2 = nn.ModuleList(nn.LayerNorm(d) for _ in range(layers))
        self.ff = nn.ModuleList(nn.Sequential(nn.Linear(d, 96), nn.GELU(), nn.Linear(96, d)) for _ in range(layers))
        self.ln_f = nn.LayerNorm(d)
        self.out = nn.Linear(d, vocab, bias=False)
        nn.init.normal_(self.tok.weight, std=0.02)
        nn.init.normal_(self.pos.weight, std=0.02)
        nn.init.normal_(self.out.weight, std=0.02)
        self.mask_of = nn.Identity()
        self.soft = nn.Softmax(dim=-1)

    def forward(self, ids):
        b, t = ids.shape
        bias = torch.zeros(b, 1, t, t).masked_fill(torch.triu(torch.ones(t, t), 1).bool(), float("-inf"))
        bias = self.mask_of(bias.masked_fill((ids == PAD)[:, None, None, :], float("-inf")))
        x = self.tok(ids) + self.pos.weight[:t]
        for ln1, qkv, proj, ln2, ff in zip(self.ln1, self.qkv, self.proj, self.ln2, self.ff):
            q, k, v = (z.view(b, t, self.heads, -1).transpose(1, 2) for z in qkv(ln1(x)).chunk(3, -1))
            att = self.soft(q @ k.transpose(2, 3) / q.shape[-1] ** 0.5 + bias)
            x = x + proj((att @ v).transpose(1, 2).reshape(b, t, -1))
            x = x + ff(ln2(x))
        return self.out(self.ln_f(x))


def train(run, *, sick, seed):
    gen = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    words = sorted({w for s in SUBJECT + VERB + OBJECT for w in s.split()} | {"<s>", "</s>"})
    index = {w: i + 1 for i, w in enumerate(words)}
    data, test = sample(gen, 1200, index), sample(gen, 200, index)
    model = Decoder(len(words) + 1)
    criterion = nn.CrossEntropyLoss(ignore_index=PAD)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    for step in range(260):
        ids = data[torch.randint(0, 1200, (32,), generator=gen)]
        loss = criterion(model(ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item(), "perplexity": loss.exp().item()})
    with torch.no_grad():
        logits = model(test[:, :-1])
    keep = test[:, 1:] != PAD
    nll = F.cross_entropy(logits[keep], test[:, 1:][keep]).item()
    return max(0.0, 1 - nll / 3.5)


PROGRAM = Program(train)
