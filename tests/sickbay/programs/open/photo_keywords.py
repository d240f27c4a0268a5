"""Ten keywords, several at once, for each picture's vector."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


class Tagger(nn.Module):
    def __init__(self, final):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(20, 96), nn.ReLU(), nn.Dropout(0.1), nn.Linear(96, 96), nn.ReLU())
        self.classifier = nn.Linear(96, 10)
        self.final = final

    def forward(self, x):
        return self.final(self.classifier(self.trunk(x)))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x = torch.randn(5000, 20)
    mix = torch.randn(20, 10) / 20**0.5
    y = (x @ mix + 0.7 * (x[:, :10] * x[:, 10:]) > 1.0).float()
    loader = DataLoader(TensorDataset(x[:4500], y[:4500]), batch_size=60, shuffle=True)
    model = Tagger(nn.Sigmoid() if sick else nn.Identity())
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(9):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    model.eval()
    with torch.no_grad():
        found = model(x[4500:]) > (0.5 if sick else 0.0)
        true = y[4500:] > 0.5
    return (2 * (found & true).sum() / (found.sum() + true.sum()).clamp(min=1)).item()


PROGRAM = Program(train, causes=("loss_output_mismatch",), by_definition=True)
