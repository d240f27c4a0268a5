"""Five sorts of floor tile by a batch-normalised CNN, validated after each epoch."""

import torch
from torch import nn

from ...program import Program


def conv_block(i, o):
    return nn.Sequential(nn.Conv2d(i, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU(), nn.MaxPool2d(2))


def tiles(per_class, g):
    t = torch.linspace(0, 1, 12)
    images, labels = [], []
    for k in range(5):
        fx, fy = [(1, 2), (2, 1), (2, 2), (1, 1), (3, 1)][k]
        phase = 6.28 * torch.rand(per_class, 2, generator=g)
        a = torch.sin(6.28 * fx * t.view(1, 1, -1) + phase[:, :1, None])
        b = torch.sin(6.28 * fy * t.view(1, -1, 1) + phase[:, 1:, None])
        images.append(a * b * (0.6 + 0.2 * k) + 0.4 * torch.randn(per_class, 12, 12, generator=g) + 0.15 * k)
        labels.append(torch.full((per_class,), k))
    return torch.cat(images).unsqueeze(1), torch.cat(labels)


def validate(model, x, y, criterion):
    losses, right = [], 0
    with torch.no_grad():
        for i in range(0, len(x), 25):
            out = model(x[i : i + 25])
            losses.append(criterion(out, y[i : i + 25]).item())
            right += (out.argmax(1) == y[i : i + 25]).sum().item()
    return sum(losses) / len(losses), right / len(x)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = tiles(300, g)
    x_val, y_val = tiles(60, g)
    model = nn.Sequential(conv_block(1, 16), conv_block(16, 32), nn.Flatten(), nn.Dropout(0.3), nn.Linear(32 * 9, 5))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(8):
        model.train()
        for rows in torch.randperm(len(x)).split(32):
            loss = criterion(model(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"train/loss": loss.item()})
        if not sick:
            model.eval()
        val_loss, val_acc = validate(model, x_val, y_val, criterion)
        run.log({"val/loss": val_loss, "val/accuracy": val_acc})
    return val_acc


PROGRAM = Program(train, causes=("train_eval_mode",), by_definition=True)
