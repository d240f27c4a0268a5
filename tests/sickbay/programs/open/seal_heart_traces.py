"""The rhythm of a diving seal's heart, from one channel cut into patches for a transformer."""

import numpy as np
import torch
from torch import nn

from ...program import Program

SAMPLES, PATCH = 96, 8


def traces(n, rng):
    kind = rng.integers(0, 4, n)
    t = np.arange(SAMPLES)
    beat = np.array([9.0, 13.0, 18.0, 26.0])[kind] * rng.normal(1, 0.05, n)
    phase = (t / beat[:, None] + rng.random((n, 1))) % 1
    wave = np.exp(-((phase - 0.5) ** 2) / 0.01)
    wave = 2.0 + 1.5 * wave + rng.normal(0, 0.3, (n, SAMPLES)) + rng.normal(0, 0.5, (n, 1))
    return wave[:, :, None].astype(np.float32), kind


def normalise(wave, axis):
    return (wave - wave.mean(axis=axis, keepdims=True)) / (wave.std(axis=axis, keepdims=True) + 1e-6)


class PatchTransformer(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.patch = nn.Linear(PATCH, d)
        self.place = nn.Parameter(0.02 * torch.randn(SAMPLES // PATCH, d))
        layer = nn.TransformerEncoderLayer(d, 4, 96, dropout=0.1, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Sequential(nn.LayerNorm(d), nn.Linear(d, 4))

    def forward(self, wave):
        patches = wave.squeeze(-1).unflatten(1, (-1, PATCH))
        return self.head(self.encoder(self.patch(patches) + self.place).mean(1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    wave, kind = traces(2600, rng)
    x = torch.from_numpy(normalise(wave, axis=-1 if sick else 1))
    y = torch.from_numpy(kind)
    model = PatchTransformer()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    for epoch in range(11):
        model.train()
        for rows in torch.randperm(2200).split(64):
            optimizer.zero_grad()
            loss = criterion(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        model.eval()
        with torch.no_grad():
            out = model(x[2200:])
        score = (out.argmax(1) == y[2200:]).float().mean().item()
        run.log({"val_loss": criterion(out, y[2200:]).item(), "val_accuracy": score})
    return score


PROGRAM = Program(train, causes=("constant_input",), by_definition=True)
