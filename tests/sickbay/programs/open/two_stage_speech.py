"""Keywords in synthetic sound: a recurrent front end, trained in two stages; stage two forgets to unfreeze."""

import torch
from torch import nn

from ...program import Program


def sounds(n, g):
    t = torch.arange(40).float()
    y = torch.randint(0, 4, (n,), generator=g)
    tone = 0.3 + 0.25 * y.float()[:, None] + 0.02 * torch.randn(n, 1, generator=g)
    x = torch.sin(tone * t + 6.28 * torch.rand(n, 1, generator=g)) * (0.5 + torch.rand(n, 1, generator=g))
    return (x + 0.3 * torch.randn(n, 40, generator=g)).view(n, 10, 4), y


class Keyword(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(4, 40, batch_first=True)
        self.norm = nn.LayerNorm(40)
        self.fc = nn.Linear(40, 4)

    def forward(self, x):
        _, h = self.gru(x)
        return self.fc(self.norm(h[-1]))


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(17)
    x, y = sounds(1500, g)
    x_val, y_val = sounds(400, g)
    model = Keyword()
    for p in model.parameters():
        p.requires_grad = False
    for p in model.norm.parameters() if sick else model.parameters():
        p.requires_grad = True
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=5e-3)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    for epoch in range(6):
        for i in torch.randperm(1500).split(32):
            loss = criterion(model(x[i]), y[i])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            out = model(x_val)
            acc = (out.argmax(1) == y_val).float().mean().item()
            run.log({"val_loss": criterion(out, y_val).item(), "val_acc": acc})
    return acc


PROGRAM = Program(train, causes=("frozen_parameters",))
