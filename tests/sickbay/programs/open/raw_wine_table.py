"""The wine table as it is: proline in hundreds, hue around one. SGD."""

import torch
import torch.nn as nn
from sklearn.datasets import load_wine

from ...program import Program


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer_1 = nn.Linear(13, 40)
        self.layer_2 = nn.Linear(40, 40)
        self.layer_out = nn.Linear(40, 3)
        self.relu = nn.ReLU()
        self.dropout = nn.Dropout(p=0.1)

    def forward(self, x):
        x = self.relu(self.layer_1(x))
        x = self.dropout(self.relu(self.layer_2(x)))
        return self.layer_out(x)


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    X, y = load_wine(return_X_y=True)
    X, y = torch.tensor(X).float(), torch.tensor(y)
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(0))
    X, y = X[order], y[order]
    if not sick:
        X = (X - X[:130].mean(0)) / X[:130].std(0)
    model = Model()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    run.watch(model, optimizer, criterion)
    for epoch in range(40):
        model.train()
        for i in torch.randperm(130).split(16):
            optimizer.zero_grad()
            loss = criterion(model(X[i]), y[i])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        model.eval()
        with torch.no_grad():
            out = model(X[130:])
        run.log(
            {
                "val_loss": criterion(out, y[130:]).item(),
                "val/accuracy": (out.argmax(1) == y[130:]).float().mean().item(),
            }
        )
    return (out.argmax(1) == y[130:]).float().mean().item()


PROGRAM = Program(train, causes=("input_not_normalised",))
