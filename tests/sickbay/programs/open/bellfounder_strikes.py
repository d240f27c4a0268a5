"""Recognises which of thirty-two bells was struck from its decaying overtones with an LSTM."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program

BELLS = 32


def strikes(n, g):
    bell = torch.randint(BELLS, (n,), generator=g)
    tables = torch.Generator().manual_seed(11)
    strength = torch.rand(BELLS, 6, generator=tables)
    decay = 0.05 + 0.3 * torch.rand(BELLS, 6, generator=tables)
    t = torch.arange(16).view(1, -1, 1)
    x = strength[bell].unsqueeze(1) * torch.exp(-decay[bell].unsqueeze(1) * t)
    x = x + 0.1 * torch.randn(n, 16, 6, generator=g)
    return (x - x.mean((0, 1))) / x.std((0, 1)), bell


class BellLSTM(nn.Module):
    def __init__(self, probabilities):
        super().__init__()
        self.lstm = nn.LSTM(6, 64, batch_first=True)
        self.fc = nn.Linear(64, BELLS)
        self.probabilities = probabilities

    def forward(self, x):
        _, (h, _) = self.lstm(x)
        out = self.fc(h[-1])
        if self.probabilities:
            out = F.softmax(out, dim=1)
        return out


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = strikes(3200, g)
    x_test, y_test = strikes(640, g)

    model = BellLSTM(probabilities=sick)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer, criterion)

    num_epochs, batch = 8, 64
    for epoch in range(num_epochs):
        perm = torch.randperm(len(x))
        for i in range(0, len(x), batch):
            idx = perm[i : i + batch]
            outputs = model(x[idx])
            loss = criterion(outputs, y[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item(), "acc": (outputs.argmax(1) == y[idx]).float().mean().item()})

    model.eval()
    with torch.no_grad():
        return (model(x_test).argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("loss_output_mismatch",), by_definition=True)
