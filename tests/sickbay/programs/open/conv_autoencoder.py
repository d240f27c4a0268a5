"""A denoising convolutional autoencoder with a sigmoid at the end and MSE on pixels in 0..1."""

import torch
import torch.nn as nn
import torch.optim as optim
from sklearn.datasets import load_digits

from ...program import Program


class AE(nn.Module):
    def __init__(self):
        super(AE, self).__init__()
        self.enc = nn.Sequential(
            nn.Conv2d(1, 16, 3, stride=2, padding=1),
            nn.ReLU(True),
            nn.Conv2d(16, 8, 3, stride=2, padding=1),
            nn.ReLU(True),
        )
        self.dec = nn.Sequential(
            nn.ConvTranspose2d(8, 16, 2, stride=2), nn.ReLU(True), nn.ConvTranspose2d(16, 1, 2, stride=2), nn.Sigmoid()
        )

    def forward(self, x):
        return self.dec(self.enc(x))


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    imgs = torch.tensor(load_digits().images, dtype=torch.float32).unsqueeze(1) / 16.0
    tr, te = imgs[:1500], imgs[1500:]
    net = AE()
    crit = nn.MSELoss()
    opt = optim.Adam(net.parameters(), lr=4e-3, weight_decay=1e-5)
    run.watch(net, opt, crit)
    for epoch in range(14):
        for b in tr[torch.randperm(len(tr))].split(64):
            noisy = (b + 0.2 * torch.randn_like(b)).clamp(0, 1)
            loss = crit(net(noisy), b)
            opt.zero_grad()
            loss.backward()
            opt.step()
            run.log({"loss": loss})
    with torch.no_grad():
        return 1 - ((net(te) - te) ** 2).mean().item() / (te - tr.mean(0)).pow(2).mean().item()


PROGRAM = Program(train)
