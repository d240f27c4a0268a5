"""A tiny GPT on generated arithmetic text; the model returns its own loss."""

import random

import torch
import torch.nn as nn
from torch.nn import functional as F

from ...program import Program

CHARS = "0123456789+= "
stoi = {c: i for i, c in enumerate(CHARS)}
block_size = 24
n_embd = 32


def text(n, seed):
    rng = random.Random(seed)
    parts = []
    for _ in range(n):
        a, b = rng.randrange(5), rng.randrange(5)
        parts.append(f"{a}+{b}={a + b} ")
    return torch.tensor([stoi[c] for c in "".join(parts)])


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln1 = nn.LayerNorm(n_embd)
        self.qkv = nn.Linear(n_embd, 3 * n_embd, bias=False)
        self.proj = nn.Linear(n_embd, n_embd)
        self.ln2 = nn.LayerNorm(n_embd)
        self.mlp = nn.Sequential(nn.Linear(n_embd, 4 * n_embd), nn.GELU(), nn.Linear(4 * n_embd, n_embd))

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.qkv(self.ln1(x)).view(B, T, 3, 4, C // 4).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.proj(y.transpose(1, 2).reshape(B, T, C))
        return x + self.mlp(self.ln2(x))


class TinyGPT(nn.Module):
    def __init__(self):
        super().__init__()
        self.tok = nn.Embedding(len(CHARS), n_embd)
        self.pos = nn.Embedding(block_size, n_embd)
        self.blocks = nn.Sequential(Block(), Block())
        self.ln_f = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, len(CHARS))

    def forward(self, idx, targets=None):
        x = self.tok(idx) + self.pos(torch.arange(idx.shape[1]))
        logits = self.head(self.ln_f(self.blocks(x)))
        if targets is None:
            return logits, None
        return logits, F.cross_entropy(logits.view(-1, len(CHARS)), targets.reshape(-1))


def get_batch(data, batch_size=16):
    ix = torch.randint(len(data) - block_size - 1, (batch_size,))
    x = torch.stack([data[i : i + block_size] for i in ix])
    y = torch.stack([data[i + 1 : i + block_size + 1] for i in ix])
    return x, y


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(1337 + seed)
    train_data, val_data = text(3000, 0), text(300, 1)
    model = TinyGPT()
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.5 if sick else 4e-3)
    run.watch(model, optimizer)
    for it in range(250):
        xb, yb = get_batch(train_data)
        logits, loss = model(xb, yb)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        run.log({"loss": loss})
    model.eval()
    with torch.no_grad():
        x, y = get_batch(val_data, 200)
        logits, _ = model(x)
        after_equals = x == stoi["="]
        return (logits.argmax(-1) == y)[after_equals].float().mean().item()


PROGRAM = Program(train, causes=("learning_rate_too_high",))
