"""A thirty-layer network sorts steel samples into six grades by their spectrum."""

import torch
from sklearn.datasets import make_classification
from torch import nn

from ...program import Program


class Layer(nn.Module):
    def __init__(self, width, skip):
        super().__init__()
        self.fc = nn.Linear(width, width)
        nn.init.kaiming_normal_(self.fc.weight, nonlinearity="relu")
        nn.init.zeros_(self.fc.bias)
        if skip:
            with torch.no_grad():
                self.fc.weight.mul_(0.2)
        self.skip = skip

    def forward(self, x):
        out = torch.relu(self.fc(x))
        return x + out if self.skip else out


class DeepNet(nn.Module):
    def __init__(self, n_in, width, depth, n_classes, skip):
        super().__init__()
        self.stem = nn.Linear(n_in, width)
        self.layers = nn.ModuleList([Layer(width, skip) for _ in range(depth)])
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, n_classes)

    def forward(self, x):
        x = torch.relu(self.stem(x))
        for layer in self.layers:
            x = layer(x)
        return self.head(self.norm(x))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    X, y = make_classification(
        3600, 24, n_informative=16, n_redundant=4, n_classes=6, n_clusters_per_class=2, class_sep=1.5, random_state=seed
    )
    X = (X - X.mean(0)) / X.std(0)
    X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y)
    model = DeepNet(24, 48, 30, 6, skip=not sick)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
    run.watch(model, optimizer, criterion)
    for epoch in range(8):
        for idx in torch.randperm(3000).split(48):
            optimizer.zero_grad()
            loss = criterion(model(X[idx]), y[idx])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            run.log({"accuracy/test": (model(X[3000:]).argmax(1) == y[3000:]).float().mean().item()})
    with torch.no_grad():
        return (model(X[3000:]).argmax(1) == y[3000:]).float().mean().item()


PROGRAM = Program(train, causes=("degradation_with_depth",))
