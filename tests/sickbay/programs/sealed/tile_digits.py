"""Numbers on tiles (the small digits) with two convolutions; validation once an epoch."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

from ...program import Program


class TileNet(nn.Module):
    def __init__(self, sick):
        super().__init__()
        self.sick = sick
        self.conv1 = nn.Conv2d(1, 12, 3, padding=1)
        self.conv2 = nn.Conv2d(12, 24, 3, padding=1)
        self.fc = nn.Linear(24 * 4, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = self.fc(x.flatten(1))
        return torch.softmax(x, dim=1) if self.sick else x


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    data = load_digits()
    x = torch.tensor(data.images, dtype=torch.float32).unsqueeze(1) / 8 - 0.6
    y = torch.tensor(data.target)
    order = torch.randperm(len(x))
    tr, te = order[:1400], order[1400:]
    net = TileNet(sick)
    opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    ce = nn.CrossEntropyLoss()
    run.watch(net, opt, ce)
    for epoch in range(7):
        net.train()
        for i in tr[torch.randperm(1400)].split(40):
            opt.zero_grad()
            loss = ce(net(x[i]), y[i])
            loss.backward()
            opt.step()
            run.log({"train/loss": loss.item()})
        net.eval()
        with torch.no_grad():
            out = net(x[te])
            acc = (out.argmax(1) == y[te]).float().mean().item()
            run.log({"val/loss": ce(out, y[te]).item(), "val/acc": acc})
    return acc


PROGRAM = Program(train, causes=("loss_output_mismatch",), by_definition=True)
