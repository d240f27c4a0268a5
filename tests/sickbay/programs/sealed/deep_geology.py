"""Twenty residual blocks on layers of rock (25 readings down a hole): pre-norm, each block's end starts at zero."""

import torch
import torch.nn as nn

from ...program import Program


class Block(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.norm = nn.LayerNorm(d)
        self.up, self.down = nn.Linear(d, 2 * d), nn.Linear(2 * d, d)
        nn.init.zeros_(self.down.weight)
        nn.init.zeros_(self.down.bias)

    def forward(self, x):
        return x + self.down(nn.functional.silu(self.up(self.norm(x))))


class DeepHole(nn.Module):
    def __init__(self, depth=20, d=32):
        super().__init__()
        self.stem = nn.Linear(25, d)
        self.blocks = nn.Sequential(*[Block(d) for _ in range(depth)])
        self.norm, self.head = nn.LayerNorm(d), nn.Linear(d, 4)

    def forward(self, x):
        return self.head(self.norm(self.blocks(self.stem(x))))


def holes(n, g):
    fixed = torch.Generator().manual_seed(6)
    x = torch.randn(n, 25, generator=g)
    a = torch.randn(25, 4, generator=fixed) / 5
    b = torch.randn(25, 4, generator=fixed) / 5
    return x, ((x @ a) + 0.8 * (x @ b).abs()).argmax(1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = holes(10000, g)
    x_val, y_val = holes(500, g)
    model = DeepHole()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.01)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    for step, i in enumerate(torch.randperm(10000, generator=g).split(40)):
        for group in optimizer.param_groups:
            group["lr"] = 2e-3 * min((step + 1) / 20, (250 - step) / 230)
        loss = criterion(model(x[i]), y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item(), "lr": optimizer.param_groups[0]["lr"]})
    with torch.no_grad():
        return (model(x_val).argmax(1) == y_val).float().mean().item()


PROGRAM = Program(train)
