"""A network with batch norm is validated in train mode, image by image in tiny batches, before each epoch's score."""

import torch
import torch.nn as nn

from ...program import Program


def textures(n, g):
    y = torch.randint(0, 4, (n,), generator=g)
    x = torch.randn(n, 1, 12, 12, generator=g)
    x = torch.where((y % 2 == 1)[:, None, None, None], (x + x.roll(1, 3)) / 1.41, x)
    return torch.where((y > 1)[:, None, None, None], (x + x.roll(1, 2)) / 1.41, x), y


class TextureNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, 3), nn.BatchNorm2d(16), nn.ReLU(), nn.Conv2d(16, 16, 3), nn.BatchNorm2d(16), nn.ReLU()
        )
        self.head = nn.Sequential(nn.Linear(16, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.5), nn.Linear(32, 4))

    def forward(self, x):
        return self.head(self.features(x).mean((2, 3)))


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(29)
    x, y = textures(1500, g)
    x_val, y_val = textures(200, g)
    model = TextureNet()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(6):
        for i in torch.randperm(1500).split(40):
            optimizer.zero_grad()
            loss = criterion(model(x[i]), y[i])
            loss.backward()
            optimizer.step()
            run.log({"train/loss": loss.item()})
        if not sick:
            model.eval()
        with torch.no_grad():
            out = torch.cat([model(part) for part in x_val.split(4)])
        model.train()
        accuracy = (out.argmax(1) == y_val).float().mean().item()
        run.log({"val/loss": criterion(out, y_val).item(), "val/accuracy": accuracy})
    return accuracy


PROGRAM = Program(train, causes=("train_eval_mode",), by_definition=True, onset=37)
