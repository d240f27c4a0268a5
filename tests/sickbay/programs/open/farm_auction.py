"""What a farm fetches at auction, in euros; the twin predicts in units of the spread."""

import torch
from sklearn.datasets import make_friedman1
from torch import nn

from trainvitals.run import Run

from ...program import Program


def train(run: Run, *, sick: bool, seed: int) -> float:
    """Friedman's function as the market."""
    torch.manual_seed(seed)
    x, y = make_friedman1(n_samples=1600, n_features=8, noise=0.8, random_state=seed)
    X = torch.tensor((x - 0.5) / 0.29, dtype=torch.float32)
    price = torch.tensor(y * 40_000 + 150_000, dtype=torch.float32).unsqueeze(1)
    mean, std = price[:1280].mean(), price[:1280].std()
    target = price if sick else (price - mean) / std
    model = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(16):
        model.train()
        for i in range(0, 1280, 40):
            batch, goal = X[i : i + 40], target[i : i + 40]
            optimizer.zero_grad()
            loss = criterion(model(batch), goal)
            loss.backward()
            optimizer.step()
            run.log({"train_loss": loss, "epoch": epoch})
        order = torch.randperm(1280)
        X[:1280], target[:1280] = X[order], target[order]
    with torch.no_grad():
        residual = model(X[1280:]) - target[1280:]
    return 1 - (residual.square().mean() / target[1280:].var()).item()


PROGRAM = Program(train, causes=("target_not_scaled",))
