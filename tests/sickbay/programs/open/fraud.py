"""Card fraud, one case in fifty; judged by balanced accuracy."""

import torch
from sklearn.datasets import make_classification
from sklearn.metrics import balanced_accuracy_score
from sklearn.preprocessing import StandardScaler
from torch import nn

from ...program import Program


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    X, y = make_classification(
        6000, 20, n_informative=6, weights=[0.98], class_sep=1.1, flip_y=0.0, n_clusters_per_class=2, random_state=4
    )
    X = torch.tensor(StandardScaler().fit_transform(X), dtype=torch.float32)
    y = torch.tensor(y, dtype=torch.float32)
    model = nn.Sequential(nn.Linear(20, 24), nn.ReLU(), nn.Dropout(0.2), nn.Linear(24, 1))
    pos_weight = None if sick else torch.tensor([49.0])
    criterion = nn.BCEWithLogitsLoss(pos_weight=pos_weight)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(6):
        model.train()
        for batch in torch.randperm(5000).split(64):
            optimizer.zero_grad()
            loss = criterion(model(X[batch]).view(-1), y[batch])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        model.eval()
        with torch.no_grad():
            logits = model(X[5000:]).view(-1)
        run.log({"val/accuracy": ((logits > 0).float() == y[5000:]).float().mean().item()})
    return 2 * balanced_accuracy_score(y[5000:].numpy(), (logits > 0).numpy()) - 1


PROGRAM = Program(train, causes=("class_imbalance",))
