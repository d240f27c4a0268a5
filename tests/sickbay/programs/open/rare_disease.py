"""Four diagnoses, of which three are rare; judged by the recall of each."""

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler

from ...program import Program


def cases(n, g):
    prior = torch.tensor([0.94, 0.02, 0.02, 0.02])
    y = torch.multinomial(prior, n, True, generator=g)
    center = torch.tensor([[0.0, 0, 0], [1.8, 0, 0], [0, 1.8, 0], [0, 0, 1.8]])
    x = torch.randn(n, 12, generator=g)
    x[:, :3] += center[y]
    return x, y


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(19)
    x, y = cases(5000, g)
    x_val, y_val = cases(3000, g)
    if sick:
        loader = DataLoader(TensorDataset(x, y), batch_size=64, shuffle=True)
    else:
        weights = (1 / torch.bincount(y).float())[y]
        sampler = WeightedRandomSampler(weights, len(y), generator=torch.Generator().manual_seed(seed))
        loader = DataLoader(TensorDataset(x, y), batch_size=64, sampler=sampler)
    model = nn.Sequential(nn.Linear(12, 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 4))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9, weight_decay=1e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(4):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        model.eval()
        with torch.no_grad():
            hit = model(x_val).argmax(1) == y_val
        run.log({"val/accuracy": hit.float().mean().item()})
    recall = sum(hit[y_val == c].float().mean().item() for c in range(4)) / 4
    return (recall - 0.25) / 0.75


PROGRAM = Program(train, causes=("class_imbalance",))
