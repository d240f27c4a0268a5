"""Orchids by petals; the loop that froze a borrowed network stayed when the network became a fresh one."""

import torch
from sklearn.datasets import make_classification
from torch import nn

from trainvitals.run import Run

from ...program import Program


class Petals(nn.Module):
    """A body and a head."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Linear(18, 16), nn.ReLU(), nn.Linear(16, 12), nn.ReLU(), nn.Linear(12, 8), nn.ReLU()
        )
        self.head = nn.Linear(8, 7)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Seven kinds."""
        return self.head(self.body(x))


def train(run: Run, *, sick: bool, seed: int) -> float:
    """The optimizer gets what requires a gradient, as it should."""
    torch.manual_seed(seed)
    x, y = make_classification(
        3600, 18, n_informative=9, n_classes=7, n_clusters_per_class=1, class_sep=1.4, random_state=seed
    )
    x, y = torch.tensor((x - x.mean(0)) / x.std(0)).float(), torch.tensor(y)
    model = Petals()
    if sick:
        for p in model.body.parameters():
            p.requires_grad = False
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), lr=5e-3)
    run.watch(model, optimizer, criterion)
    for _epoch in range(9):
        for rows in torch.randperm(3000).split(64):
            loss = criterion(model(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    return (model(x[3000:]).argmax(1) == y[3000:]).float().mean().item()


PROGRAM = Program(train, causes=("frozen_parameters",), by_definition=True)
