"""A small GPT on ballads: tied weights, scaled residual start, warm-up, cosine to a tenth, clipping at 1."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program

VOCAB, T, D = 40, 20, 48


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln1, self.ln2 = nn.LayerNorm(D), nn.LayerNorm(D)
        self.qkv, self.proj = nn.Linear(D, 3 * D), nn.Linear(D, D)
        self.fc, self.out = nn.Linear(D, 4 * D), nn.Linear(4 * D, D)

    def forward(self, x):
        b, t, _ = x.shape
        q, k, v = (part.view(b, t, 4, D // 4).transpose(1, 2) for part in self.qkv(self.ln1(x)).chunk(3, -1))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(b, t, D)
        x = x + self.proj(y)
        return x + self.out(F.gelu(self.fc(self.ln2(x))))


class GPT(nn.Module):
    def __init__(self, layers=2):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(VOCAB, D), nn.Embedding(T, D)
        self.layers = nn.ModuleList(Layer() for _ in range(layers))
        self.ln = nn.LayerNorm(D)
        self.head = nn.Linear(D, VOCAB, bias=False)
        self.head.weight = self.wte.weight
        for name, p in self.named_parameters():
            if p.dim() > 1:
                nn.init.normal_(
                    p, std=0.02 / math.sqrt(2 * layers) if name.endswith(("proj.weight", "out.weight")) else 0.02
                )

    def forward(self, ids):
        h = self.wte(ids) + self.wpe.weight[: ids.shape[1]]
        for layer in self.layers:
            h = layer(h)
        return self.head(self.ln(h))


def ballads(n, g):
    follow = torch.randint(0, VOCAB, (VOCAB, 2), generator=torch.Generator().manual_seed(53))
    ids = torch.randint(0, VOCAB, (n, 1), generator=g)
    for _ in range(T):
        coin = (torch.rand(n, 1, generator=g) < 0.2).long()
        ids = torch.cat([ids, follow[ids[:, -1]].gather(1, coin)], 1)
    return ids


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    text, held_out = ballads(2500, g), ballads(300, g)
    model = GPT()
    decay = [p for p in model.parameters() if p.dim() > 1]
    rest = [p for p in model.parameters() if p.dim() <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": decay, "weight_decay": 0.1}, {"params": rest, "weight_decay": 0.0}], lr=3e-3, betas=(0.9, 0.95)
    )
    run.watch(model, optimizer)
    steps, warmup = 200, 20
    for step in range(steps):
        part = max(0.0, (step - warmup) / (steps - warmup))
        rate = 3e-3 * min((step + 1) / warmup, 0.1 + 0.45 * (1 + math.cos(math.pi * part)))
        for group in optimizer.param_groups:
            group["lr"] = rate
        ids = text[torch.randint(0, 2500, (24,), generator=g)]
        loss = F.cross_entropy(model(ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        run.log({"train/loss": loss.item(), "lr": rate})
        if step % 25 == 24:
            with torch.no_grad():
                out = model(held_out[:, :-1])
                run.log({"val/loss": F.cross_entropy(out.flatten(0, 1), held_out[:, 1:].flatten()).item()})
    with torch.no_grad():
        return (model(held_out[:, :-1]).argmax(-1) == held_out[:, 1:]).float().mean().item()


PROGRAM = Program(train)
