"""Length of stay with batch norm; `validate` calls `model.eval()` before the first epoch, and nobody goes back."""

import torch
from torch import nn

from trainvitals.run import Run

from ...program import Program


def validate(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> float:
    """Mean squared error on the wards held out."""
    model.eval()
    with torch.no_grad():
        return (model(x) - y).square().mean().item()


def train(run: Run, *, sick: bool, seed: int) -> float:
    """Few noisy wards: the dropout that eval mode switches off is needed."""
    torch.manual_seed(seed)
    x = torch.randn(900, 20)
    y = (x[:, 0] + x[:, 1] * x[:, 2] + 0.6 * torch.sin(3 * x[:, 3]))[:, None]
    y = y / y.std()
    y_noisy = y + 0.5 * torch.randn_like(y)
    net = nn.Sequential(
        nn.Linear(20, 128),
        nn.BatchNorm1d(128),
        nn.ReLU(),
        nn.Dropout(0.4),
        nn.Linear(128, 64),
        nn.BatchNorm1d(64),
        nn.ReLU(),
    )
    model = nn.Sequential(net, nn.Linear(64, 1))
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    run.log({"val_loss": validate(model, x[600:700], y_noisy[600:700])})
    for _epoch in range(20):
        if not sick:
            model.train()
        for rows in torch.randperm(600).split(50):
            loss = criterion(model(x[rows]), y_noisy[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        run.log({"val_loss": validate(model, x[600:700], y_noisy[600:700])})
    return 1 - validate(model, x[700:], y[700:]) / y[700:].var().item()


PROGRAM = Program(train, causes=("train_eval_mode",), by_definition=True)
