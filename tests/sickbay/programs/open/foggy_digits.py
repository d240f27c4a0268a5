"""Digits cleaned of fog: a denoising autoencoder with pixels from 0 to 1 and binary cross-entropy."""

import torch
from sklearn.datasets import load_digits
from torch import nn

from ...program import Program


class Cleaner(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 40), nn.ReLU())
        self.decoder = nn.Sequential(nn.Linear(40, 256), nn.ReLU(), nn.Linear(256, 64), nn.Sigmoid())

    def forward(self, x):
        return self.decoder(self.encoder(x))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    pixels = torch.tensor(load_digits().data / 16, dtype=torch.float32)[torch.randperm(1797)]
    train_pixels, test_pixels = pixels[:1400], pixels[1400:]
    model = Cleaner()
    criterion = nn.BCELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=15, gamma=0.3)
    run.watch(model, optimizer, criterion)
    for _epoch in range(22):
        for rows in torch.randperm(1400).split(40):
            clean = train_pixels[rows]
            foggy = (clean + 0.15 * torch.randn_like(clean)).clamp(0, 1)
            loss = criterion(model(foggy), clean)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        scheduler.step()
    with torch.no_grad():
        cleaned = model((test_pixels + 0.15 * torch.randn_like(test_pixels)).clamp(0, 1))
    rest = ((cleaned - test_pixels) ** 2).mean() / (test_pixels - train_pixels.mean(0)).pow(2).mean()
    return max(0.0, 1 - rest.item())


PROGRAM = Program(train)
