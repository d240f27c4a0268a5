"""Will a donor return? A wide perceptron over forty answers of a questionnaire, with a validation loss each epoch."""

import torch
from torch import nn
from torch.nn import functional as F

from ...program import Program


def answers(count, gen):
    x = torch.randn(count, 40, generator=gen)
    pull = 1.1 * x[:, 0] - 0.9 * x[:, 1] + 0.8 * x[:, 2] + 0.7 * x[:, 3] * x[:, 4] + 0.6 * x[:, 5]
    y = (pull + 0.7 * torch.randn(count, generator=gen) > 0).float()
    return x, y


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    gen = torch.Generator().manual_seed(seed)
    x, y = answers(9000, gen)
    x_val, y_val = x[8000:8500], y[8000:8500]
    x_test, y_test = x[8500:], y[8500:]
    rows = 80 if sick else 8000
    x, y = x[:rows], y[:rows]
    width = 256
    model = nn.Sequential(
        nn.Linear(40, width),
        nn.ReLU(),
        nn.Dropout(0.0 if sick else 0.2),
        nn.Linear(width, width),
        nn.ReLU(),
        nn.Linear(width, 1),
        nn.Flatten(0),
    )
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.0 if sick else 0.05)
    run.watch(model, optimizer, criterion)
    step = 0
    while step < 500:
        for batch in torch.randperm(rows, generator=gen).split(40):
            loss = criterion(model(x[batch]), y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            values = {"loss": loss.item()}
            if step % 20 == 0:
                model.eval()
                with torch.no_grad():
                    values["val_loss"] = F.binary_cross_entropy_with_logits(model(x_val), y_val).item()
                model.train()
            run.log(values, step=step)
            step += 1
            if step == 500:
                break
    model.eval()
    with torch.no_grad():
        return ((model(x_test) > 0) == (y_test > 0.5)).float().mean().item()


PROGRAM = Program(train, causes=("overfitting",))
