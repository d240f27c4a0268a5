"""A denoising autoencoder cleans the colour spectra of dyed yarn."""

import torch
from torch import nn
from torch.utils.data import DataLoader

from ...program import Program


def spectra(n, bands=64):
    grid = torch.linspace(0, 1, bands)
    centre = torch.tensor([0.2, 0.45, 0.7]) + 0.06 * torch.randn(n, 3)
    width = 0.06 + 0.05 * torch.rand(n, 3)
    height = torch.rand(n, 3)
    peaks = height[..., None] * torch.exp(-(((grid - centre[..., None]) / width[..., None]) ** 2))
    return peaks.sum(1)


class Denoiser(nn.Module):
    def __init__(self, bands=64, code=12):
        super().__init__()
        self.encode = nn.Sequential(
            nn.Linear(bands, 256), nn.GELU(), nn.Linear(256, 128), nn.GELU(), nn.Linear(128, code)
        )
        self.decode = nn.Sequential(
            nn.Linear(code, 128), nn.GELU(), nn.Linear(128, 256), nn.GELU(), nn.Linear(256, bands)
        )

    def forward(self, x):
        return self.decode(self.encode(x))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    clean = spectra(5000)
    clean = (clean - clean[:4000].mean()) / clean[:4000].std()
    test = clean[4000:]
    loader = DataLoader(clean[:4000], batch_size=64, shuffle=True)
    model = Denoiser()
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer, criterion)

    global_step = 0
    for epoch in range(10):
        for batch in loader:
            noisy = batch + 0.3 * torch.randn_like(batch)
            loss = criterion(model(noisy), batch)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            global_step += 1
            if global_step % 10 == 0:
                run.log({"loss": loss.item()}, step=global_step)

    with torch.no_grad():
        cleaned = model(test + 0.3 * torch.randn_like(test))
        return 1 - ((cleaned - test) ** 2).mean().item() / test.var().item()


PROGRAM = Program(train)
