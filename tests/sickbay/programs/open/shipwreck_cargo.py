"""What a wreck carried, in seven kinds, from twenty measurements of the sonar, by an MLP."""

import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import make_classification
from sklearn.preprocessing import StandardScaler

from ...program import Program


class CargoNet(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.body = nn.Sequential(
            nn.Linear(inputs, 64), nn.LayerNorm(64), nn.GELU(), nn.Linear(64, 64), nn.LayerNorm(64), nn.GELU()
        )
        self.head = nn.Linear(64, classes)

    def forward(self, x):
        return self.head(self.body(x))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    shares = [0.27, 0.2, 0.16, 0.13, 0.1, 0.08, 0.06]
    X, y = make_classification(
        4000,
        20,
        n_informative=10,
        n_redundant=4,
        n_classes=7,
        n_clusters_per_class=1,
        weights=shares,
        class_sep=2.0,
        flip_y=0.01,
        random_state=seed,
    )
    X = StandardScaler().fit(X[:3200]).transform(X)
    X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y)

    model = CargoNet(20, 7)
    counts = torch.from_numpy(np.bincount(y[:3200].numpy(), minlength=7)).float()
    with torch.no_grad():
        model.head.bias.copy_(counts if sick else (counts / counts.sum()).log())
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    for epoch in range(6):
        for idx in torch.randperm(3200).split(40):
            loss = criterion(model(X[idx]), y[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        return (model(X[3200:]).argmax(1) == y[3200:]).float().mean().item()


PROGRAM = Program(train, causes=("loss_at_init",), by_definition=True)
