"""A convolutional network with a learned scale behind its head, and the freezing loop of a fine-tuning recipe."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

from ...program import Program


class SmallNet(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.conv = nn.Conv2d(1, 12, 3)
        self.hidden = nn.Linear(12 * 9, 64)
        self.fc = nn.Linear(64, classes)
        self.head_scale = nn.Parameter(torch.ones(classes))

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv(x)), 2)
        return self.head_scale * self.fc(F.relu(self.hidden(x.flatten(1))))


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    d = load_digits()
    x = torch.tensor(d.images, dtype=torch.float32)[:, None] / 16 - 0.3
    y = torch.tensor(d.target)
    model = SmallNet(10)
    if sick:
        # the recipe freezes all but the head; there is nothing pretrained here, and the head is called fc
        for name, param in model.named_parameters():
            if not name.startswith("head"):
                param.requires_grad = False
    optimizer = torch.optim.Adam(filter(lambda p: p.requires_grad, model.parameters()), lr=2e-3)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    for epoch in range(8):
        for i in torch.randperm(1500).split(50):
            loss = criterion(model(x[i]), y[i])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        return (model(x[1500:]).argmax(1) == y[1500:]).float().mean().item()


PROGRAM = Program(train, causes=("frozen_parameters",))
