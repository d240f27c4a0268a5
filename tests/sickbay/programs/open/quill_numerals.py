"""A small transformer that reads handwritten numerals row by row."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from ...program import Program


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)
        self.up = nn.Linear(width, 2 * width)
        self.down = nn.Linear(2 * width, width)

    def forward(self, x):
        n, t, c = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(n, t, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(n, t, c)
        x = x + self.proj(mixed)
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class RowReader(nn.Module):
    def __init__(self, sick, width=48):
        super().__init__()
        self.rows = nn.Linear(8, width)
        self.places = nn.Embedding(8, width)
        self.blocks = nn.ModuleList([Block(width, 4) for _ in range(2)])
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, 10)
        self.sick = sick
        self.apply(self._init_weights)

    def _init_weights(self, module):
        if isinstance(module, (nn.Linear, nn.Embedding)):
            if self.sick:
                nn.init.constant_(module.weight, 0.02)
            else:
                nn.init.trunc_normal_(module.weight, std=0.05)
        if isinstance(module, nn.Linear):
            nn.init.zeros_(module.bias)

    def forward(self, image):
        x = self.rows(image) + self.places.weight
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x).mean(1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    pixels, digit = load_digits(return_X_y=True)
    x_tr, x_te, y_tr, y_te = train_test_split(pixels, digit, test_size=0.25, random_state=seed, stratify=digit)
    mu, sd = x_tr.mean(), x_tr.std()
    x_tr = torch.tensor((x_tr - mu) / sd, dtype=torch.float32).view(-1, 8, 8)
    x_te = torch.tensor((x_te - mu) / sd, dtype=torch.float32).view(-1, 8, 8)
    y_tr, y_te = torch.tensor(y_tr), torch.tensor(y_te)

    model = RowReader(sick)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.01)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    for step in range(450):
        idx = torch.randint(len(x_tr), (64,))
        logits = model(x_tr[idx])
        loss = criterion(logits, y_tr[idx])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item(), "accuracy": (logits.argmax(1) == y_tr[idx]).float().mean().item()}, step=step)
    model.eval()
    with torch.no_grad():
        return (model(x_te).argmax(1) == y_te).float().mean().item()


PROGRAM = Program(train, causes=("bad_initialisation",), by_definition=True)
