"""In which of six ranges the beads of an abacus add up, by attention over its rods."""

import torch
from torch import nn

from ...program import Program

RODS, BEADS = 10, 10


class AbacusTransformer(nn.Module):
    def __init__(self, d_model=32):
        super().__init__()
        self.beads = nn.Embedding(BEADS, d_model)
        self.rods = nn.Parameter(torch.randn(1, RODS, d_model) * 0.1)
        layer = nn.TransformerEncoderLayer(d_model, nhead=4, dim_feedforward=64, dropout=0.0, batch_first=True)
        self.body = nn.TransformerEncoder(layer, num_layers=2, enable_nested_tensor=False)
        self.classify = nn.Linear(d_model, 6)

    def forward(self, rows):
        return self.classify(self.body(self.beads(rows) + self.rods).mean(dim=1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rows = torch.randint(0, BEADS, (5000, RODS))
    total = rows.sum(1).float()
    y = torch.bucketize(total, torch.quantile(total, torch.tensor([1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6])))
    model = AbacusTransformer()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1 if sick else 1e-3)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    for _ in range(7):
        for pick in torch.randperm(4500).split(64):
            optimizer.zero_grad()
            loss = criterion(model(rows[pick]), y[pick])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            out = model(rows[4500:])
        score = (out.argmax(1) == y[4500:]).float().mean().item()
        run.log({"val_loss": criterion(out, y[4500:]).item(), "val_acc": score})
    return score


PROGRAM = Program(train, causes=("learning_rate_too_high",))
