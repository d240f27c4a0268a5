"""A body trained on five kinds of numerals is kept frozen, in evaluation mode, and a new head learns the other five."""

import torch
from sklearn.datasets import load_digits
from torch import nn

from ...program import Program


def make_body():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1, bias=False),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, padding=1, bias=False),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 32, 3, padding=1, bias=False),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
    )


def pretrain(body, x, y):
    net = nn.Sequential(body, nn.Linear(128, 5))
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(5):
        for idx in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            nn.functional.cross_entropy(net(x[idx]), y[idx]).backward()
            opt.step()


class Transfer(nn.Module):
    def __init__(self, body):
        super().__init__()
        self.body = body
        for p in self.body.parameters():
            p.requires_grad = False
        self.head = nn.Sequential(nn.Dropout(0.2), nn.Linear(128, 48), nn.ReLU(), nn.Linear(48, 5))

    def train(self, mode=True):
        super().train(mode)
        self.body.eval()
        return self

    def forward(self, x):
        return self.head(self.body(x))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    digits = load_digits()
    x = torch.tensor(digits.images, dtype=torch.float32)[:, None]
    y = torch.tensor(digits.target)
    first = y < 5
    x = (x - x[first].mean()) / x[first].std()
    body = make_body()
    pretrain(body, x[first], y[first])

    x, y = x[~first], y[~first] - 5
    order = torch.randperm(len(x))
    tr, te = order[:640], order[640:]
    model = Transfer(body)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=2e-3)
    run.watch(model, optimizer, criterion)
    acc = 0.0
    for epoch in range(15):
        model.train()
        for idx in tr[torch.randperm(len(tr))].split(32):
            loss = criterion(model(x[idx]), y[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        model.eval()
        with torch.no_grad():
            logits = model(x[te])
            acc = (logits.argmax(1) == y[te]).float().mean().item()
            run.log({"val/loss": criterion(logits, y[te]).item(), "val/acc": acc})
    return acc


PROGRAM = Program(train)
