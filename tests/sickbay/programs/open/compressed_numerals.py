"""An encoder and a decoder, two modules, compress the digits to sixteen numbers."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

from ...program import Program


class Encoder(nn.Module):
    def __init__(self, latent):
        super().__init__()
        self.fc1 = nn.Linear(64, 48)
        self.fc2 = nn.Linear(48, latent)

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(x)))


class Decoder(nn.Module):
    def __init__(self, latent):
        super().__init__()
        self.fc1 = nn.Linear(latent, 48)
        self.fc2 = nn.Linear(48, 64)

    def forward(self, z):
        return torch.sigmoid(self.fc2(F.relu(self.fc1(z))))


class Autoencoder(nn.Module):
    def __init__(self, latent=16):
        super().__init__()
        self.encoder = Encoder(latent)
        self.decoder = Decoder(latent)

    def forward(self, x):
        return self.decoder(self.encoder(x))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    pixels = torch.tensor(load_digits().data).float() / 16
    pixels = pixels[torch.randperm(len(pixels))]
    train_px, test_px = pixels[:1500], pixels[1500:]
    model = Autoencoder()
    if sick:
        optimizer = torch.optim.Adam(model.decoder.parameters(), lr=3e-3)
    else:
        optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    run.watch(model, optimizer)
    for epoch in range(16):
        for batch in train_px[torch.randperm(1500)].split(32):
            loss = F.mse_loss(model(batch), batch)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        error = ((model(test_px) - test_px) ** 2).sum()
        spread = ((test_px - train_px.mean(0)) ** 2).sum()
    return max(0.0, 1 - (error / spread).item())


PROGRAM = Program(train, causes=("not_in_optimizer",), by_definition=True)
