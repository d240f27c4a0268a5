"""A convolutional autoencoder that squeezes photographs of petri dishes into ten numbers."""

import numpy as np
import torch
from torch import nn

from ...program import Program


def grow(rng, n, size=16):
    yy, xx = np.mgrid[0:size, 0:size] / (size - 1)
    dishes = np.zeros((n, size, size))
    for _ in range(2):
        cx, cy = rng.uniform(0.2, 0.8, (2, n, 1, 1))
        spread = rng.uniform(0.09, 0.2, (n, 1, 1))
        bright = rng.uniform(0.5, 1.0, (n, 1, 1))
        dishes += bright * np.exp(-((xx - cx) ** 2 + (yy - cy) ** 2) / (2 * spread**2))
    dishes += rng.normal(0, 0.03, dishes.shape)
    return torch.tensor(dishes, dtype=torch.float32).unsqueeze(1)


class Autoencoder(nn.Module):
    def __init__(self, code=10):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 16, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(32 * 4 * 4, code),
        )
        self.decoder = nn.Sequential(
            nn.Linear(code, 32 * 4 * 4),
            nn.ReLU(),
            nn.Unflatten(1, (32, 4, 4)),
            nn.ConvTranspose2d(32, 16, 4, stride=2, padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 1, 4, stride=2, padding=1),
        )

    def forward(self, dish):
        return self.decoder(self.encoder(dish))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    dishes, unseen = grow(rng, 3000), grow(rng, 500)
    mean, std = dishes.mean(), dishes.std()
    dishes, unseen = (dishes - mean) / std, (unseen - mean) / std

    net = Autoencoder()
    parts = net.encoder.parameters() if sick else net.parameters()
    optimizer = torch.optim.Adam(parts, lr=3e-3)
    mse = nn.MSELoss()
    run.watch(net, optimizer, mse)
    step = 0
    for epoch in range(8):
        for idx in torch.randperm(len(dishes)).split(50):
            batch = dishes[idx]
            loss = mse(net(batch), batch)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            step += 1
            if step % 5 == 0:
                run.log({"reconstruction": loss.item()}, step=step)
    with torch.no_grad():
        wrong = (net(unseen) - unseen).pow(2).mean() / unseen.var()
    return max(0.0, 1 - wrong.item())


PROGRAM = Program(train, causes=("not_in_optimizer",), by_definition=True)
