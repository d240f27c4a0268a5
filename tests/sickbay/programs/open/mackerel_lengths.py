"""The catch of mackerel in ten size classes from sonar echoes, by a ReLU network with biases set by hand."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def init_weights(module, bias):
    if isinstance(module, nn.Linear):
        nn.init.xavier_uniform_(module.weight)
        nn.init.constant_(module.bias, bias)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    size = torch.randint(0, 10, (3000,))
    profile = torch.randn(10, 36)
    echo = profile[size] + 1.5 * torch.randn(3000, 36)
    echo = (echo - echo.mean(0)) / echo.std(0)
    train_loader = DataLoader(TensorDataset(echo[:2400], size[:2400]), batch_size=64, shuffle=True)

    hidden = nn.Sequential(nn.Linear(36, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU())
    hidden.apply(lambda m: init_weights(m, bias=-4.0 if sick else 0.01))
    model = nn.Sequential(hidden, nn.Linear(64, 10))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=10)
    run.watch(model, optimizer, criterion)
    for epoch in range(10):
        for x, y in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item(), "lr": scheduler.get_last_lr()[0]})
        scheduler.step()
    with torch.no_grad():
        return (model(echo[2400:]).argmax(1) == size[2400:]).float().mean().item()


PROGRAM = Program(train, causes=("dead_units", "bad_initialisation"))
