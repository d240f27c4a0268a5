"""An autoencoder squeezes written numerals through sixteen numbers and paints them again."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

from ...program import Program


class AutoEncoder(nn.Module):
    def __init__(self, bottleneck=16):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, bottleneck))
        self.decoder = nn.Sequential(nn.Linear(bottleneck, 128), nn.ReLU(), nn.Linear(128, 64), nn.Sigmoid())

    def forward(self, x):
        return self.decoder(self.encoder(x))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    images = torch.tensor(load_digits().data, dtype=torch.float32) / 16.0
    train_set, test_set = random_split(TensorDataset(images), [1437, 360])
    loader = DataLoader(train_set, batch_size=32, shuffle=True, drop_last=True)
    test = images[test_set.indices]

    model = AutoEncoder()
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=16)
    run.watch(model, optimizer)
    for epoch in range(16):
        epoch_loss = 0.0
        for (batch,) in loader:
            optimizer.zero_grad()
            loss = F.mse_loss(model(batch), batch)
            loss.backward()
            optimizer.step()
            epoch_loss += loss.item()
            run.log({"reconstruction": loss.item()})
        scheduler.step()
        with torch.no_grad():
            run.log({"epoch_loss": epoch_loss / len(loader), "test_loss": F.mse_loss(model(test), test).item()})
    with torch.no_grad():
        error = (model(test) - test).pow(2).sum()
        spread = (test - test.mean(0)).pow(2).sum()
    return max(0.0, 1 - (error / spread).item())


PROGRAM = Program(train)
