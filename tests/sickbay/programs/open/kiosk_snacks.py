"""Which snack a customer takes; the model ends in a softmax, as the lecture on probabilities had it."""

import torch
from sklearn.datasets import make_blobs
from torch import nn

from trainvitals.run import Run

from ...program import Program


def train(run: Run, *, sick: bool, seed: int) -> float:
    """Twelve snacks, described by ten habits."""
    torch.manual_seed(seed)
    x, y = make_blobs(n_samples=2400, n_features=10, centers=12, cluster_std=3.4, random_state=seed)
    x = torch.tensor((x - x.mean(0)) / x.std(0)).float()
    y = torch.tensor(y).long()
    layers: list[nn.Module] = [nn.Linear(10, 64), nn.ReLU(), nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 12)]
    if sick:
        layers.append(nn.Softmax(dim=1))
    model = nn.Sequential(*layers)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.08)
    run.watch(model, optimizer, criterion)
    for _ in range(12):
        order = torch.randperm(2000)
        for i in range(0, 2000, 64):
            rows = order[i : i + 64]
            optimizer.zero_grad()
            loss = criterion(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        return (model(x[2000:]).argmax(1) == y[2000:]).float().mean().item()


PROGRAM = Program(train, causes=("loss_output_mismatch",), by_definition=True)
