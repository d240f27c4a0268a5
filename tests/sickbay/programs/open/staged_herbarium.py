"""Fine-tuning in stages: the head first, then the body with a smaller learning rate."""

import torch
from sklearn.datasets import load_digits
from torch import nn

from ...program import Program


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    d = load_digits()
    x, y = (torch.tensor(d.images).float().unsqueeze(1) - 4.9) / 6, torch.tensor(d.target)
    old, new = y < 5, y >= 5
    xo, yo, xn, yn = x[old], y[old], x[new], y[new] - 5
    body = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(),
    )  # fmt: skip
    first = nn.Linear(128, 5)
    pre = torch.optim.Adam([*body.parameters(), *first.parameters()], lr=3e-3)
    for _ in range(80):
        i = torch.randint(len(xo), (64,), generator=g)
        pre.zero_grad()
        nn.functional.cross_entropy(first(body(xo[i])), yo[i]).backward()
        pre.step()

    model = nn.Sequential(body, nn.Linear(128, 5))
    for p in body.parameters():
        p.requires_grad_(False)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model[1].parameters(), lr=3e-3)
    run.watch(model, optimizer, criterion)
    order = torch.randperm(len(xn), generator=g)
    tr, te = order[:650], order[650:]
    for step in range(300):
        if step == 150:
            for p in body.parameters():
                p.requires_grad_(True)
            optimizer.add_param_group({"params": list(body.parameters()), "lr": 3e-4})
        i = tr[torch.randint(650, (32,), generator=g)]
        loss = criterion(model(xn[i]), yn[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss})
    return (model(xn[te]).argmax(1) == yn[te]).float().mean().item()


PROGRAM = Program(train)
