"""The whole network in bfloat16 to save memory, with a small rate of plain SGD."""

import torch
from sklearn.datasets import load_digits
from torch import nn

from ...program import Program


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    dtype = torch.bfloat16 if sick else torch.float32
    d = load_digits()
    x, y = (torch.tensor(d.data).float() / 16).to(dtype), torch.tensor(d.target)
    model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 10))
    # large pretrained-like weights
    with torch.no_grad():
        for layer in (model[0], model[2]):
            layer.weight.mul_(3.0)
    model = model.to(dtype)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    run.watch(model, optimizer, criterion)
    for step in range(600):
        i = torch.randint(0, 1500, (64,))
        loss = criterion(model(x[i]), y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        return (model(x[1500:]).argmax(1) == y[1500:]).float().mean().item()


PROGRAM = Program(train, causes=("precision_underflow",))
