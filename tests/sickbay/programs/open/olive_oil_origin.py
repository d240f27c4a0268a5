"""Nine regions of origin of olive oil from fourteen chemical measurements, with a deep fully connected net."""

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn

from ...program import Program


class OilNet(nn.Module):
    def __init__(self, sizes, activation):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes[:-2], sizes[1:-1]))
        self.last = nn.Linear(sizes[-2], sizes[-1])
        self.activation = activation

    def forward(self, x):
        for layer in self.layers:
            x = self.activation(layer(x))
        return self.last(x)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    np.random.seed(seed)
    x, y = make_classification(
        n_samples=3000,
        n_features=14,
        n_informative=10,
        n_redundant=2,
        n_classes=9,
        n_clusters_per_class=1,
        class_sep=1.8,
        random_state=4,
    )
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.2, random_state=seed, stratify=y)
    scaler = StandardScaler().fit(x_train)
    x_train = torch.tensor(scaler.transform(x_train), dtype=torch.float32)
    x_test = torch.tensor(scaler.transform(x_test), dtype=torch.float32)
    y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)

    model = OilNet([14] + [128] * 9 + [9], nn.Sigmoid() if sick else nn.ReLU())
    if not sick:
        for layer in model.layers:
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
    run.watch(model, optimizer)
    n = len(x_train)
    for epoch in range(24):
        order = np.random.permutation(n)
        for start in range(0, n, 96):
            batch = order[start : start + 96]
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x_train[batch]), y_train[batch])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        return (model(x_test).argmax(dim=1) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("vanishing_gradient",))
