"""The next bead of a patterned string: a decoder-only transformer written out by hand."""

import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program

BEADS, SPAN = 16, 20


class SelfAttention(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.out = nn.Linear(dim, dim)

    def forward(self, x):
        b, t, d = x.shape
        q, k, v = (p.view(b, t, self.heads, -1).transpose(1, 2) for p in self.qkv(x).chunk(3, -1))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.out(y.transpose(1, 2).reshape(b, t, d))


class Layer(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.ln1, self.ln2 = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.attention = SelfAttention(dim, heads)
        self.up, self.down = nn.Linear(dim, 4 * dim), nn.Linear(4 * dim, dim)

    def forward(self, x):
        x = x + self.attention(self.ln1(x))
        return x + self.down(F.gelu(self.up(self.ln2(x))))


class Stringer(nn.Module):
    def __init__(self, dim=32):
        super().__init__()
        self.bead, self.place = nn.Embedding(BEADS, dim), nn.Embedding(SPAN, dim)
        self.layers = nn.ModuleList(Layer(dim, 4) for _ in range(2))
        self.head = nn.Linear(dim, BEADS)

    def forward(self, tokens):
        x = self.bead(tokens) + self.place(torch.arange(tokens.shape[1]))
        for layer in self.layers:
            x = layer(x)
        return self.head(x)


def strings(n, g):
    follow = torch.stack([torch.randperm(BEADS, generator=g) for _ in range(2)])
    rows = [torch.randint(0, BEADS, (n,), generator=g), torch.randint(0, BEADS, (n,), generator=g)]
    for _ in range(SPAN - 1):
        nxt = follow[rows[-2] % 2, rows[-1]]
        stray = torch.rand(n, generator=g) < 0.05
        rows.append(torch.where(stray, torch.randint(0, BEADS, (n,), generator=g), nxt))
    return torch.stack(rows, 1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed + 5)
    data = strings(2300, g)
    model = Stringer()
    for name, p in model.named_parameters():
        if p.dim() > 1:
            if sick:
                nn.init.normal_(p)
            else:
                nn.init.normal_(p, std=0.02)
        elif name.endswith("bias"):
            nn.init.zeros_(p)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    ce = nn.CrossEntropyLoss()
    run.watch(model, optimizer, ce)
    for i in range(360):
        batch = data[torch.randint(0, 2000, (16,), generator=g)]
        logits = model(batch[:, :-1])
        loss = ce(logits.flatten(0, 1), batch[:, 1:].flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        run.log({"train_loss": loss.item()})
        if i % 40 == 39:
            with torch.no_grad():
                logits = model(data[2200:, :-1])
                run.log({"val_loss": ce(logits.flatten(0, 1), data[2200:, 1:].flatten()).item()})
    return (logits[:, 1:].argmax(-1) == data[2200:, 2:]).float().mean().item()


PROGRAM = Program(train, causes=("bad_initialisation",))
