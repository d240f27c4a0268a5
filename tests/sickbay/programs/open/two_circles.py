"""An inner and an outer circle: the first classification exercise of a course."""

import torch
from sklearn.datasets import make_circles
from sklearn.model_selection import train_test_split
from torch import nn

from ...program import Program


class CircleModel(nn.Module):
    def __init__(self, activation):
        super().__init__()
        self.layer_1 = nn.Linear(2, 32)
        self.layer_2 = nn.Linear(32, 32)
        self.layer_3 = nn.Linear(32, 1)
        self.activation = activation

    def forward(self, x):
        if self.activation:
            return self.layer_3(torch.relu(self.layer_2(torch.relu(self.layer_1(x)))))
        return self.layer_3(self.layer_2(self.layer_1(x)))


def train(run, *, sick, seed):
    X, y = make_circles(1000, noise=0.03, factor=0.6, random_state=seed)
    X, y = torch.from_numpy(X).type(torch.float), torch.from_numpy(y).type(torch.float)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=seed)
    model_1 = CircleModel(activation=not sick)
    loss_fn = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.SGD(model_1.parameters(), lr=0.3)
    run.watch(model_1, optimizer)
    for epoch in range(600):
        model_1.train()
        y_logits = model_1(X_train).squeeze()
        y_pred = torch.round(torch.sigmoid(y_logits))
        loss = loss_fn(y_logits, y_train)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss, "train/accuracy": (y_pred == y_train).float().mean()})
    model_1.eval()
    with torch.inference_mode():
        return (torch.round(torch.sigmoid(model_1(X_test).squeeze())) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("missing_nonlinearity",), by_definition=True)
