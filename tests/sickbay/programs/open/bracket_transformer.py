"""How deep are the brackets? A small encoder, Adam, no warm-up."""

import torch
from torch import nn

from ...program import Program


class Encoder(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.token, self.place = nn.Embedding(2, d), nn.Embedding(16, d)
        layer = nn.TransformerEncoderLayer(d, 2, 64, dropout=0.1, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.out = nn.Linear(d, 6)

    def forward(self, x):
        h = self.token(x) + self.place.weight
        return self.out(self.encoder(h).mean(1))


def walks(n, g):
    steps = torch.randint(2, (n, 16), generator=g)
    height = (2 * steps - 1).cumsum(1).max(1).values.clamp(0, 5)
    return steps, height


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    model = Encoder()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-2 if sick else 1e-3)
    run.watch(model, optimizer, criterion)
    for step in range(300):
        x, y = walks(48, g)
        optimizer.zero_grad()
        logits = model(x)
        loss = criterion(logits, y)
        loss.backward()
        optimizer.step()
        run.log({"train/loss": loss.item(), "train/accuracy": (logits.argmax(-1) == y).float().mean().item()})
    model.eval()
    with torch.no_grad():
        x, y = walks(1000, g)
        return (model(x).argmax(-1) == y).float().mean().item()


PROGRAM = Program(train, causes=("learning_rate_too_high",))
