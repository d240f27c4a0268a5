"""Own initialisation in `weights_init`, applied to a ReLU network on images of shapes."""

import torch
from torch import nn

from ...program import Program


def shapes(n, g):
    """12 x 12 pictures of a bar, a cross, a box or a dot, with noise, in 0..1."""
    images, labels = torch.zeros(n, 12, 12), torch.randint(0, 4, (n,), generator=g)
    for i, kind in enumerate(labels.tolist()):
        r, c = torch.randint(2, 7, (2,), generator=g).tolist()
        if kind == 0:
            images[i, r : r + 5, c + 2] = 1
        elif kind == 1:
            images[i, r : r + 5, c + 2] = 1
            images[i, r + 2, c : c + 5] = 1
        elif kind == 2:
            images[i, r : r + 5, c : c + 5] = 1
            images[i, r + 1 : r + 4, c + 1 : c + 4] = 0
        else:
            images[i, r + 1 : r + 4, c + 1 : c + 4] = 1
    noise = 0.1 * torch.rand(images.shape, generator=g)
    return (images + noise).clamp(0, 1).flatten(1), labels


def weights_init_sick(m):
    if isinstance(m, nn.Linear):
        nn.init.uniform_(m.weight, -1.0, 0.0)  # meant: -1 to 1, divided by sqrt(n)
        nn.init.zeros_(m.bias)


def weights_init(m):
    if isinstance(m, nn.Linear):
        bound = (3 / m.in_features) ** 0.5
        nn.init.uniform_(m.weight, -bound, bound)
        nn.init.zeros_(m.bias)


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(5)
    x, y = shapes(1500, g)
    model = nn.Sequential(
        nn.Linear(144, 64), nn.ReLU(inplace=True), nn.Linear(64, 32), nn.ReLU(inplace=True), nn.Linear(32, 4)
    )
    model.apply(weights_init_sick if sick else weights_init)
    opt = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    ce = nn.CrossEntropyLoss()
    run.watch(model, opt, ce)
    for epoch in range(10):
        for idx in torch.randperm(1200).split(48):
            loss = ce(model(x[idx]), y[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
            run.log({"loss": loss})
        with torch.no_grad():
            logits = model(x[1200:])
            run.log({"val_loss": ce(logits, y[1200:])})
    with torch.no_grad():
        return (model(x[1200:]).argmax(1) == y[1200:]).float().mean().item()


PROGRAM = Program(train, causes=("dead_units", "bad_initialisation"))
