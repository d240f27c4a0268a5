"""Numbers stencilled on crates: a plain convolutional network trained with Adam."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

from ...program import Program


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(1, 24, 3, padding=1)
        self.c2 = nn.Conv2d(24, 32, 3, stride=2, padding=1)
        self.c3 = nn.Conv2d(32, 32, 3, padding=1)
        self.fc = nn.Linear(32 * 16, 10)

    def forward(self, x):
        x = F.relu(self.c1(x))
        x = F.relu(self.c2(x))
        x = F.relu(self.c3(x))
        return F.log_softmax(self.fc(x.view(x.size(0), -1)), dim=1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    digits = load_digits()
    order = torch.randperm(len(digits.target))
    x = torch.tensor(digits.images, dtype=torch.float32)[order].unsqueeze(1)
    y = torch.tensor(digits.target)[order]
    x = (x - x[:1400].mean()) / x[:1400].std()
    net = Reader()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.2 if sick else 1e-3)
    criterion = nn.NLLLoss()
    run.watch(net, optimizer, criterion)
    for _ in range(14):
        net.train()
        for rows in torch.randperm(1400).split(50):
            optimizer.zero_grad()
            loss = criterion(net(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        net.eval()
        with torch.no_grad():
            out = net(x[1400:])
        run.log({"test_loss": criterion(out, y[1400:]).item()})
    return (out.argmax(1) == y[1400:]).float().mean().item()


PROGRAM = Program(train, causes=("learning_rate_too_high",))
