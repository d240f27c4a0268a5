"""One bottle in forty is faulty, and the network learns that none ever is; the score is the mean of both recalls."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler

from trainvitals.run import Run

from ...program import Program


def bottles(n: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Faulty ones overlap the sound ones."""
    faulty = (torch.rand(n) < 0.025).long()
    return torch.randn(n, 8) + 0.62 * faulty[:, None], faulty


def train(run: Run, *, sick: bool, seed: int) -> float:
    """Plain shuffling, or a sampler that balances."""
    torch.manual_seed(seed)
    x, y = bottles(8000)
    weights = torch.where(y == 1, 39.0, 1.0)
    sampler = None if sick else WeightedRandomSampler(weights.tolist(), 6400)
    loader = DataLoader(TensorDataset(x, y), 64, shuffle=sick, sampler=sampler)
    model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 2))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    for _epoch in range(4):
        for xb, yb in loader:
            out = model(xb)
            loss = criterion(out, yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item(), "acc": (out.argmax(1) == yb).float().mean().item()})
    x, y = bottles(6000)
    right = model(x).argmax(1) == y
    return (right[y == 0].float().mean() + right[y == 1].float().mean()).item() / 2


PROGRAM = Program(train, causes=("class_imbalance",))
