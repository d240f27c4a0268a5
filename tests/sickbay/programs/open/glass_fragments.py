"""Glass fragments by their chemistry. Biases were taken over from an older code that subtracted them."""

import torch
from torch import nn

from ...program import Program


def fragments(n, g):
    x = torch.randn(n, 12, generator=g)
    kind = (x[:, 0] * x[:, 1] > 0).long() + 2 * (x[:, 2] + x[:, 3] * x[:, 4] > 0).long()
    return x, kind


def take_over(model, threshold):
    for m in model.modules():
        if isinstance(m, nn.Linear):
            nn.init.kaiming_normal_(m.weight, nonlinearity="relu")
            nn.init.constant_(m.bias, threshold)


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    x, y = fragments(6500, g)
    model = nn.Sequential(
        nn.Linear(12, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 4)
    )
    take_over(model, -3.0 if sick else 0.0)
    loss_fn = nn.CrossEntropyLoss()
    opt = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    run.watch(model, opt, loss_fn)
    for epoch in range(8):
        for i in torch.randperm(6000, generator=g).split(150):
            loss = loss_fn(model(x[i]), y[i])
            opt.zero_grad()
            loss.backward()
            opt.step()
            run.log({"loss": loss})
        with torch.no_grad():
            val = model(x[6000:])
            run.log({"val_loss": loss_fn(val, y[6000:]), "val_acc": (val.argmax(1) == y[6000:]).float().mean()})
    return (val.argmax(1) == y[6000:]).float().mean().item()


PROGRAM = Program(train, causes=("dead_units", "bad_initialisation"))
