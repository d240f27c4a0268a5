"""Shapes of printed letters; the script was a fine-tuning script once and starts from scratch now."""

import torch
from sklearn.datasets import load_digits
from torch import nn

from ...program import Program


class Backbone(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, stride=2, padding=1)
        self.conv2 = nn.Conv2d(8, 6, 3, stride=2, padding=1)

    def forward(self, x):
        return torch.relu(self.conv2(torch.relu(self.conv1(x)))).flatten(1)


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = Backbone()
        self.head = nn.Linear(24, 10)

    def forward(self, x):
        return self.head(self.backbone(x))


def train(run, *, sick, seed):
    d = load_digits()
    g = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(d.target), generator=g)
    imgs = ((torch.tensor(d.images).float() - 4.9) / 6.0).unsqueeze(1)[order]
    lab = torch.tensor(d.target)[order]
    model = Classifier()
    if sick:
        for param in model.backbone.parameters():
            param.requires_grad = False
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(filter(lambda p: p.requires_grad, model.parameters()), lr=4e-3)
    run.watch(model, optimizer, criterion)
    for step in range(400):
        i = torch.randint(1400, (48,), generator=g)
        loss = criterion(model(imgs[i]), lab[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss})
        if step % 100 == 99:
            with torch.no_grad():
                out = model(imgs[1400:])
                run.log(
                    {
                        "val_loss": criterion(out, lab[1400:]),
                        "val/accuracy": (out.argmax(1) == lab[1400:]).float().mean(),
                    }
                )
    return (model(imgs[1400:]).argmax(1) == lab[1400:]).float().mean().item()


PROGRAM = Program(train, causes=("frozen_parameters",), by_definition=True)
