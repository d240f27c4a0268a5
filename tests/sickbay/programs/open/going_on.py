"""Training goes on from a converged checkpoint with a small rate: nothing falls any more, and nothing has to."""

import torch
from sklearn.datasets import load_breast_cancer
from torch import nn

from ...program import Program


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    X, y = load_breast_cancer(return_X_y=True)
    X = torch.tensor((X - X.mean(0)) / X.std(0)).float()
    y = torch.tensor(y)
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(1))
    X, y = X[order], y[order]
    model = nn.Sequential(nn.Linear(30, 24), nn.Tanh(), nn.Linear(24, 2))
    criterion = nn.CrossEntropyLoss()

    def epochs(n, optimizer, log):
        for _ in range(n):
            for i in torch.randperm(450).split(32):
                optimizer.zero_grad()
                loss = criterion(model(X[i]), y[i])
                loss.backward()
                optimizer.step()
                if log:
                    run.log({"loss": loss.item()})

    epochs(20, torch.optim.AdamW(model.parameters(), lr=5e-3, weight_decay=0.05), log=False)
    checkpoint = {k: v.clone() for k, v in model.state_dict().items()}
    model.load_state_dict(checkpoint)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=0.05)
    run.watch(model, optimizer, criterion)
    epochs(20, optimizer, log=True)
    with torch.no_grad():
        return (model(X[450:]).argmax(1) == y[450:]).float().mean().item()


PROGRAM = Program(train)
