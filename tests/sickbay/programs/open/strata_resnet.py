"""Rock strata: twenty-four residual blocks whose last norm starts at zero."""

import torch
import torch.nn as nn

from ...program import Program


class ResBlock(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.fc1, self.bn1 = nn.Linear(d, d, bias=False), nn.BatchNorm1d(d)
        self.fc2, self.bn2 = nn.Linear(d, d, bias=False), nn.BatchNorm1d(d)
        nn.init.zeros_(self.bn2.weight)

    def forward(self, x):
        return torch.relu(x + self.bn2(self.fc2(torch.relu(self.bn1(self.fc1(x))))))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x = torch.randn(3200, 12, generator=g)
    y = (torch.sin(2 * x[:, 0]) + x[:, 1] * x[:, 2] > 0).long() + (x[:, 3] > 0).long()
    model = nn.Sequential(nn.Linear(12, 32), nn.ReLU(), *[ResBlock(32) for _ in range(24)], nn.Linear(32, 3))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 6 * 44)
    run.watch(model, optimizer, criterion)
    for epoch in range(6):
        model.train()
        for i in torch.randperm(2816, generator=g).split(64):
            optimizer.zero_grad()
            loss = criterion(model(x[i]), y[i])
            loss.backward()
            optimizer.step()
            scheduler.step()
            run.log({"loss": loss.item()})
        model.eval()
        with torch.no_grad():
            out = model(x[2816:])
            run.log({"val/loss": criterion(out, y[2816:]).item()})
    return (out.argmax(1) == y[2816:]).float().mean().item()


PROGRAM = Program(train)
