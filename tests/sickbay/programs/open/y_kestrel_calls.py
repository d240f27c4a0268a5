"""A tanh network tells healthy from sick kestrels by thirty features of their calls."""

import torch
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn

from ...program import Program


class CallNet(nn.Module):
    def __init__(self, n_in, std):
        super().__init__()
        self.fc1 = nn.Linear(n_in, 128)
        self.fc2 = nn.Linear(128, 128)
        self.fc3 = nn.Linear(128, 128)
        self.fc4 = nn.Linear(128, 128)
        self.out = nn.Linear(128, 1)
        for fc in (self.fc1, self.fc2, self.fc3, self.fc4):
            if std is None:
                nn.init.xavier_normal_(fc.weight)
            else:
                nn.init.normal_(fc.weight, mean=0.0, std=std)
            nn.init.zeros_(fc.bias)

    def forward(self, x):
        x = torch.tanh(self.fc1(x))
        x = torch.tanh(self.fc2(x))
        x = torch.tanh(self.fc3(x))
        x = torch.tanh(self.fc4(x))
        return self.out(x)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    X, y = make_classification(
        n_samples=16000,
        n_features=30,
        n_informative=8,
        n_redundant=0,
        class_sep=1.2,
        n_clusters_per_class=3,
        random_state=seed,
    )
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=seed)
    scaler = StandardScaler().fit(X_train)
    X_train, X_test = (torch.tensor(scaler.transform(p), dtype=torch.float32) for p in (X_train, X_test))
    y_train = torch.tensor(y_train, dtype=torch.float32).unsqueeze(1)
    y_test = torch.tensor(y_test, dtype=torch.float32).unsqueeze(1)

    net = CallNet(30, std=1.0 if sick else None)
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    run.watch(net, optimizer, criterion)
    for epoch in range(2):
        order = torch.randperm(len(X_train))
        for start in range(0, len(order), 50):
            batch = order[start : start + 50]
            optimizer.zero_grad()
            loss = criterion(net(X_train[batch]), y_train[batch])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        return ((net(X_test) > 0) == (y_test > 0.5)).float().mean().item()


PROGRAM = Program(train, causes=("saturated_units", "bad_initialisation"))
