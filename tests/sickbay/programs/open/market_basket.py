"""Which of ten shelves a customer visits, from what the loyalty card knows: several can be right at once."""

import torch
import torch.nn as nn

from ...program import Program


class Basket(nn.Module):
    def __init__(self, sick):
        super().__init__()
        self.fc1 = nn.Linear(20, 80)
        self.bn = nn.BatchNorm1d(80)
        self.fc2 = nn.Linear(80, 10)
        self.out = nn.Sigmoid() if sick else nn.Identity()

    def forward(self, x):
        return self.out(self.fc2(torch.relu(self.bn(self.fc1(x)))))


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    x = torch.randn(3600, 20, generator=g)
    w = torch.randn(20, 10, generator=torch.Generator().manual_seed(6)) / 3
    y = (torch.tanh(2 * x) @ w + 0.2 * torch.randn(3600, 10, generator=g) > 0.9).float()
    model = Basket(sick)
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(6):
        model.train()
        for i in torch.randperm(3000, generator=g).split(60):
            optimizer.zero_grad()
            loss = criterion(model(x[i]), y[i])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        model.eval()
        with torch.no_grad():
            out = model(x[3000:])
            run.log({"val/loss": criterion(out, y[3000:]).item()})
    said = torch.sigmoid(out) > 0.5
    right = (said & (y[3000:] > 0)).sum().item()
    return 2 * right / (said.sum().item() + y[3000:].sum().item())


PROGRAM = Program(train, causes=("loss_output_mismatch",), by_definition=True)
