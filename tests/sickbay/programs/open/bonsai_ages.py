"""Guess the age of bonsai trees from eight measurements: a two-layer regression trained with plain SGD."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

from ...program import Program


def measurements(n):
    x = torch.randn(n, 8)
    age = 2.0 * x[:, 0] + torch.sin(2 * x[:, 1]) * 1.5 + x[:, 2] * x[:, 3] - 0.7 * x[:, 4].abs()
    age = age + 0.2 * torch.randn(n)
    return x, ((age - age.mean()) / age.std()).unsqueeze(1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    dataset = TensorDataset(*measurements(3000))
    train_set, test_set = random_split(dataset, [2500, 500])
    train_loader = DataLoader(train_set, batch_size=50, shuffle=True)
    test_loader = DataLoader(test_set, batch_size=500)

    model = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
    mse = nn.MSELoss()
    config = {"lr": 1e-5 if sick else 5e-2, "momentum": 0.9, "epochs": 12}
    optimizer = torch.optim.SGD(model.parameters(), lr=config["lr"], momentum=config["momentum"])
    run.watch(model, optimizer, mse)

    for epoch in range(config["epochs"]):
        model.train()
        for x, y in train_loader:
            loss = mse(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        model.eval()
        with torch.no_grad():
            x, y = next(iter(test_loader))
            test_loss = mse(model(x), y).item()
        run.log({"val_loss": test_loss})
    return 1 - test_loss / y.var().item()


PROGRAM = Program(train, causes=("learning_rate_too_low",))
