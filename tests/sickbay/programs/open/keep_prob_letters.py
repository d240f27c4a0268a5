"""Letters on a worn keyboard; moved line by line from an old TensorFlow script (keep_prob = 0.9)."""

import torch
from torch import nn

from ...program import Program

keep_prob = 0.9


def conv_net(dropout):
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(16 * 25, 128),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(128, 128),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(128, 26),
    )


def keys(n, g):
    shapes = torch.randn(26, 1, 10, 10, generator=torch.Generator().manual_seed(23))
    y = torch.randint(0, 26, (n,), generator=g)
    return 0.5 * shapes[y] + 0.9 * torch.randn(n, 1, 10, 10, generator=g), y


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = keys(4000, g)
    xv, yv = keys(500, g)
    model = conv_net(keep_prob if sick else 1 - keep_prob)
    loss_fn = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer, loss_fn)
    for epoch in range(6):
        model.train()
        for i in torch.randperm(4000, generator=g).split(80):
            loss = loss_fn(model(x[i]), y[i])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        model.eval()
        with torch.no_grad():
            out = model(xv)
            run.log({"val_loss": loss_fn(out, yv).item()})
    return (out.argmax(1) == yv).float().mean().item()


PROGRAM = Program(train, causes=("over_regularised",))
