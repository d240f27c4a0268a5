"""What knocked on the pipe: short acoustic traces sorted into four kinds by strided convolutions."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

from ...program import Program


def make_traces(n):
    kind = torch.randint(0, 4, (n,))
    t = torch.linspace(0, 1, 128)
    pitch = torch.tensor([6.0, 11.0, 17.0, 24.0])[kind] * (1 + 0.05 * torch.randn(n))
    decay = torch.tensor([3.0, 6.0, 2.0, 5.0])[kind]
    start = 0.3 * torch.rand(n, 1)
    since = (t - start).clamp(min=0)
    ring = torch.exp(-decay[:, None] * since) * torch.sin(6.2832 * pitch[:, None] * since)
    x = ring + 0.35 * torch.randn(n, 128)
    return (x / x.std()).unsqueeze(1), kind


def build():
    return nn.Sequential(
        nn.Conv1d(1, 16, 9, stride=2, padding=4),
        nn.BatchNorm1d(16),
        nn.ReLU(),
        nn.Conv1d(16, 32, 7, stride=2, padding=3),
        nn.BatchNorm1d(32),
        nn.ReLU(),
        nn.Conv1d(32, 32, 5, stride=2, padding=2),
        nn.BatchNorm1d(32),
        nn.ReLU(),
        nn.AdaptiveAvgPool1d(1),
        nn.Flatten(),
        nn.Linear(32, 4),
    )


@torch.no_grad()
def evaluate(model, loader):
    model.eval()
    right = total = 0
    for x, y in loader:
        right += (model(x).argmax(1) == y).sum().item()
        total += len(y)
    return right / total


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    dataset = TensorDataset(*make_traces(4400))
    train_set, valid_set = random_split(dataset, [4000, 400])
    train_loader = DataLoader(train_set, batch_size=50, shuffle=True)
    valid_loader = DataLoader(valid_set, batch_size=200)

    model = build()
    learning_rate = 1e-5 if sick else 5e-2
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate, momentum=0.9)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)

    for epoch in range(8):
        model.train()
        running = 0.0
        for x, y in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            running += loss.item()
            run.log({"loss": loss.item()})
        run.log({"epoch": epoch, "epoch_loss": running / len(train_loader), "val_acc": evaluate(model, valid_loader)})
    return evaluate(model, valid_loader)


PROGRAM = Program(train, causes=("learning_rate_too_low",))
