"""A network that knows the digits 0 to 4 is fine-tuned on 5 to 9: first its head, then its last block too."""

import torch
import torch.nn as nn
from sklearn.datasets import load_digits

from ...program import Program


def block(i, o):
    return nn.Sequential(nn.Conv2d(i, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU())


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = block(1, 16)
        self.stage1 = nn.Sequential(block(16, 24), nn.MaxPool2d(2))
        self.stage2 = nn.Sequential(block(24, 32), nn.AdaptiveAvgPool2d(2))
        self.head = nn.Linear(128, 5)

    def forward(self, x):
        x = self.stage2(self.stage1(self.stem(x)))
        return self.head(x.flatten(1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    digits = load_digits()
    x = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 8 - 1
    y = torch.tensor(digits.target)
    low, high = y < 5, y >= 5
    criterion = nn.CrossEntropyLoss()

    net = Net()
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(5):
        for idx in torch.randperm(int(low.sum())).split(32):
            opt.zero_grad()
            criterion(net(x[low][idx]), y[low][idx]).backward()
            opt.step()

    x, y = x[high], y[high] - 5
    shuffle = torch.randperm(len(x))
    x, y = x[shuffle], y[shuffle]
    x_fit, y_fit, x_val, y_val = x[:680], y[:680], x[680:], y[680:]

    net.requires_grad_(False)
    net.head = nn.Linear(128, 5)
    opt = torch.optim.Adam(net.head.parameters(), lr=3e-3)
    run.watch(net, opt, criterion)
    for epoch in range(18):
        if epoch == 6:
            net.stage2.requires_grad_(True)
            opt.add_param_group({"params": net.stage2.parameters(), "lr": 5e-4})
        net.eval()
        if epoch >= 6:
            net.stage2.train()
        for idx in torch.randperm(680).split(32):
            loss = criterion(net(x_fit[idx]), y_fit[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
            run.log({"loss": loss.item(), "epoch": epoch})
        net.eval()
        with torch.no_grad():
            out = net(x_val)
            acc = (out.argmax(1) == y_val).float().mean().item()
            run.log({"val_loss": criterion(out, y_val).item(), "val_acc": acc})
    return acc


PROGRAM = Program(train)
