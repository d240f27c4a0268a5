"""Smooth height maps squeezed into eight numbers and drawn again, by an autoencoder with momentum."""

import torch
from torch import nn

from ...program import Program


class MapCoder(nn.Module):
    """Encoder and decoder, each with one hidden layer."""

    def __init__(self, pixels=100, code=8):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(pixels, 256), nn.ELU(), nn.Linear(256, code))
        self.decoder = nn.Sequential(nn.Linear(code, 256), nn.ELU(), nn.Linear(256, pixels))

    def forward(self, x):
        return self.decoder(self.encoder(x))


def height_maps(n):
    grid = torch.linspace(-1, 1, 10)
    gy, gx = torch.meshgrid(grid, grid, indexing="ij")
    maps = torch.zeros(n, 10, 10)
    for _ in range(2):
        cx, cy = torch.rand(2, n, 1, 1) * 2 - 1
        height = torch.randn(n, 1, 1)
        maps += height * torch.exp(-((gx - cx) ** 2 + (gy - cy) ** 2) / 0.5)
    return maps.flatten(1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    maps = height_maps(3000)
    mean, std = maps[:2400].mean(), maps[:2400].std()
    maps = (maps - mean) / std
    seen, unseen = maps[:2400], maps[2400:]
    lr = 1e-5 if sick else 0.1
    model = MapCoder()
    criterion = nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    run.watch(model, optimizer, criterion)
    for epoch in range(15):
        total = 0.0
        for batch in seen[torch.randperm(len(seen))].split(48):
            reconstruction = model(batch)
            loss = criterion(reconstruction, batch)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
            run.log({"loss": loss.item()})
        with torch.no_grad():
            val = criterion(model(unseen), unseen)
        run.log({"epoch": epoch, "epoch_loss": total / len(seen), "val_loss": val.item()})
    return max(0.0, 1 - (val / unseen.var()).item())


PROGRAM = Program(train, causes=("learning_rate_too_low",))
