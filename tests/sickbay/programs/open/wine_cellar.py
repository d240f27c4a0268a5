"""Three cultivars of wine; every weight is set by hand before training."""

import torch
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from torch import nn

from ...program import Program


class Cellar(nn.Module):
    def __init__(self, zeros):
        super().__init__()
        self.l1 = nn.Linear(13, 160)
        self.l2 = nn.Linear(160, 160)
        self.l3 = nn.Linear(160, 3)
        for layer in (self.l1, self.l2, self.l3):
            if zeros:
                nn.init.zeros_(layer.weight)
            else:
                nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x):
        return self.l3(torch.relu(self.l2(torch.relu(self.l1(x)))))


def train(run, *, sick, seed):
    X, y = load_wine(return_X_y=True)
    X = (X - X.mean(0)) / X.std(0)
    X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.3, random_state=seed, stratify=y)
    X_tr, X_te = torch.tensor(X_tr, dtype=torch.float), torch.tensor(X_te, dtype=torch.float)
    y_tr, y_te = torch.tensor(y_tr), torch.tensor(y_te)
    model = Cellar(zeros=sick)
    loss_fn = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    run.watch(model, optimizer, loss_fn)
    for epoch in range(400):
        order = torch.randperm(len(X_tr))[:60]
        loss = loss_fn(model(X_tr[order]), y_tr[order])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"train_loss": loss.item()})
    return (model(X_te).argmax(1) == y_te).float().mean().item()


PROGRAM = Program(train, causes=("bad_initialisation",), by_definition=True)
