"""A small GPT writes ballads of the ferry, letter by letter: warm-up, cosine, causal mask, tied output."""

import math

import torch
from torch import nn
from torch.nn import functional as F

from ...program import Program

WHO = ["the ferryman", "the widow", "my brother", "a sailor", "the old queen", "no one"]
DID = ["waited", "sang low", "came home", "was lost", "rowed on", "looked back"]
WHERE = ["by the water", "at the landing", "in the morning", "under the moon", "beyond the reeds"]
CONTEXT = 48


class Block(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads = heads
        self.ln1, self.ln2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.qkv = nn.Linear(d, 3 * d)
        self.proj = nn.Linear(d, d)
        self.up, self.down = nn.Linear(d, 4 * d), nn.Linear(4 * d, d)

    def forward(self, x, mask):
        b, t, d = x.shape
        q, k, v = self.qkv(self.ln1(x)).view(b, t, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        weights = (q @ k.transpose(-2, -1) / math.sqrt(d // self.heads)).masked_fill(mask, float("-inf")).softmax(-1)
        x = x + self.proj((weights @ v).transpose(1, 2).reshape(b, t, d))
        return x + self.down(F.gelu(self.up(self.ln2(x))))


class BalladGPT(nn.Module):
    def __init__(self, letters, d=64, depth=2):
        super().__init__()
        self.wte = nn.Embedding(letters, d)
        self.wpe = nn.Embedding(CONTEXT, d)
        self.blocks = nn.ModuleList(Block(d, 4) for _ in range(depth))
        self.ln_f = nn.LayerNorm(d)
        self.lm_head = nn.Linear(d, letters, bias=False)
        self.lm_head.weight = self.wte.weight
        self.register_buffer("mask", torch.ones(CONTEXT, CONTEXT).triu(1).bool())
        for module in self.modules():
            if isinstance(module, nn.Linear | nn.Embedding):
                nn.init.normal_(module.weight, std=0.02)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)
        for block in self.blocks:
            nn.init.zeros_(block.proj.weight)
            nn.init.zeros_(block.down.weight)

    def forward(self, ids):
        t = ids.shape[1]
        x = self.wte(ids) + self.wpe(torch.arange(t))
        for block in self.blocks:
            x = block(x, self.mask[:t, :t])
        return self.lm_head(self.ln_f(x))


def book(lines):
    pick = [torch.randint(0, len(words), (lines,)).tolist() for words in (WHO, DID, WHERE)]
    return "\n".join(f"{WHO[a]} {DID[b]} {WHERE[c]}," for a, b, c in zip(*pick, strict=True))


def windows(ids, n):
    start = torch.randint(0, len(ids) - CONTEXT - 1, (n,))
    cut = torch.stack([ids[s : s + CONTEXT + 1] for s in start.tolist()])
    return cut[:, :-1], cut[:, 1:]


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    text = book(2500)
    letters = sorted(set(text))
    ids = torch.tensor([letters.index(c) for c in text])
    cut = int(0.9 * len(ids))
    model = BalladGPT(len(letters))
    steps, warm = 400, 60
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, betas=(0.9, 0.95), weight_decay=0.1)

    def rate(step):
        if step < warm:
            return (step + 1) / warm
        return 0.05 + 0.475 * (1 + math.cos(math.pi * (step - warm) / (steps - warm)))

    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    for step in range(steps):
        x, y = windows(ids[:cut], 16)
        loss = criterion(model(x).flatten(0, 1), y.flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        scheduler.step()
        if step % 5 == 0:
            run.log({"train/loss": loss.item(), "lr": scheduler.get_last_lr()[0]}, step=step)
    x, y = windows(ids[cut:], 100)
    with torch.no_grad():
        return (model(x).argmax(-1) == y).float().mean().item()


PROGRAM = Program(train)
