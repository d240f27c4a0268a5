"""An autoencoder squeezes the reflectance spectra of fabrics, standardised band by band, into six numbers."""

import numpy as np
import torch
from sklearn.preprocessing import StandardScaler
from torch import nn

from ...program import Program


def spectra(rng, n, bands=48):
    wave = np.linspace(0, 1, bands)
    out = np.zeros((n, bands))
    for centre in (0.15, 0.35, 0.55, 0.75, 0.9):
        height = rng.uniform(0.2, 1.0, (n, 1))
        out += height * np.exp(-((wave - centre) ** 2) / 0.012)
    return out + 0.02 * rng.normal(size=(n, bands))


class SpectrumAutoencoder(nn.Module):
    def __init__(self, bands, code, last):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(bands, 64), nn.ReLU(), nn.Linear(64, code))
        self.decoder = nn.Sequential(nn.Linear(code, 64), nn.ReLU(), nn.Linear(64, bands), last)

    def forward(self, x):
        return self.decoder(self.encoder(x))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    raw = spectra(rng, 2500)
    scaler = StandardScaler().fit(raw[:2000])
    data = torch.tensor(scaler.transform(raw), dtype=torch.float32)
    train_x, test_x = data[:2000], data[2000:]

    ae = SpectrumAutoencoder(48, 6, nn.Sigmoid() if sick else nn.Identity())
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(ae.parameters(), lr=2e-3)
    run.watch(ae, optimizer, criterion)
    for epoch in range(15):
        running = 0.0
        for batch in train_x[torch.randperm(2000)].split(50):
            recon = ae(batch)
            loss = criterion(recon, batch)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            running += loss.item()
            run.log({"reconstruction": loss.item()})
        with torch.no_grad():
            run.log({"train_mean": running / 40, "val_loss": criterion(ae(test_x), test_x).item()})
    with torch.no_grad():
        error = (ae(test_x) - test_x).pow(2).mean()
    return max(0.0, 1 - (error / test_x.var()).item())


PROGRAM = Program(train, causes=("loss_output_mismatch",), by_definition=True)
