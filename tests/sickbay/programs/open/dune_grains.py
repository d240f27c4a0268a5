"""From which of six dunes a grain of sand comes: a dense network with its weights drawn by hand."""

import torch
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split
from torch import nn
from torch.nn import functional as F

from ...program import Program


class GrainNet(nn.Module):
    """Four hidden layers."""

    def __init__(self, sizes, init):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes[:-1], sizes[1:], strict=True))
        for layer in self.layers:
            init(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = F.relu(layer(x))
        return self.layers[-1](x)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = make_classification(
        3600, 20, n_informative=12, n_redundant=2, n_classes=6, n_clusters_per_class=1, class_sep=1.7, random_state=seed
    )
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    x, y = torch.tensor(x, dtype=torch.float32), torch.tensor(y)
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=600, random_state=seed)

    def init(weight):
        if sick:
            nn.init.normal_(weight, mean=0.0, std=1.0)
        else:
            nn.init.kaiming_normal_(weight, nonlinearity="relu")

    model = GrainNet([20, 160, 160, 160, 160, 6], init)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer, nn.CrossEntropyLoss())
    step = 0
    for _epoch in range(10):
        for rows in torch.randperm(3000).split(50):
            loss = F.cross_entropy(model(x_train[rows]), y_train[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()}, step=step)
            step += 1
    with torch.no_grad():
        return (model(x_test).argmax(dim=1) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("bad_initialisation",))
