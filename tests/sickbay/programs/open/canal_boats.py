"""Ten digits on canal boats, by a network first taught odd from even; its body is thawed half-way."""

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.nn.functional import cross_entropy

from ...program import Program


def body():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.Flatten(),
    )


def pretrain(features, images, labels):
    """Two passes over odd and even."""
    old = nn.Sequential(features, nn.Linear(32 * 16, 2))
    optimizer = torch.optim.Adam(old.parameters(), lr=2e-3)
    for rows in torch.randint(len(images), (60, 32)):
        optimizer.zero_grad()
        cross_entropy(old(images[rows]), labels[rows] % 2).backward()
        optimizer.step()


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    data = load_digits()
    images = torch.tensor((data.images - 4.88) / 6.02, dtype=torch.float32).unsqueeze(1)
    a, b, ya, yb = train_test_split(images, torch.tensor(data.target), test_size=0.25, random_state=seed)
    features = body()
    pretrain(features, a, ya)
    model = nn.Sequential()
    model.add_module("features", features)
    model.add_module("head", nn.Linear(32 * 16, 10))
    for parameter in features.parameters():
        parameter.requires_grad = False
    optimizer = torch.optim.Adam([{"params": model.head.parameters(), "lr": 2e-3}])
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    for epoch in range(8):
        if epoch == 4:
            for parameter in features.parameters():
                parameter.requires_grad = True
            optimizer.add_param_group({"params": list(features.parameters()), "lr": 5e-4})
        for rows in torch.randperm(len(a)).split(32):
            optimizer.zero_grad()
            loss = criterion(model(a[rows]), ya[rows])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            out = model(b)
        accuracy = (out.argmax(1) == yb).float().mean().item()
        run.log({"val_loss": criterion(out, yb).item(), "val_accuracy": accuracy})
    return accuracy


PROGRAM = Program(train)
