"""Reading the hour off small pictures of clock faces with a convolutional network."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def faces(rng, n, size=16):
    hour = rng.integers(0, 12, n)
    yy, xx = np.mgrid[0:size, 0:size] - (size - 1) / 2
    angle = (hour + rng.uniform(-0.3, 0.3, n)) * np.pi / 6
    along = xx * np.sin(angle)[:, None, None] - yy * np.cos(angle)[:, None, None]
    across = xx * np.cos(angle)[:, None, None] + yy * np.sin(angle)[:, None, None]
    hand = (along > 0) & (along < 6.5) & (np.abs(across) < 0.9)
    img = hand + rng.normal(0, 0.2, (n, size, size))
    img = (img - img.mean()) / img.std()
    return torch.tensor(img, dtype=torch.float32).unsqueeze(1), torch.tensor(hour)


class ClockNet(nn.Module):
    def __init__(self, activation):
        super().__init__()
        self.c1 = nn.Conv2d(1, 12, 3, padding=1)
        self.c2 = nn.Conv2d(12, 16, 3, padding=1)
        self.c3 = nn.Conv2d(16, 16, 3, padding=1)
        self.c4 = nn.Conv2d(16, 24, 3, padding=1)
        self.c5 = nn.Conv2d(24, 24, 3, padding=1)
        self.c6 = nn.Conv2d(24, 24, 3, padding=1)
        self.fc1 = nn.Linear(24 * 16, 48)
        self.fc2 = nn.Linear(48, 48)
        self.out = nn.Linear(48, 12)
        self.act = activation

    def forward(self, x):
        x = F.max_pool2d(self.act(self.c2(self.act(self.c1(x)))), 2)
        x = F.max_pool2d(self.act(self.c4(self.act(self.c3(x)))), 2)
        x = self.act(self.c6(self.act(self.c5(x)))).flatten(1)
        return self.out(self.act(self.fc2(self.act(self.fc1(x)))))


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    loader = DataLoader(TensorDataset(*faces(rng, 1600)), batch_size=32, shuffle=True)
    x_test, y_test = faces(rng, 400)
    model = ClockNet(torch.sigmoid if sick else F.relu)
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, opt)
    for epoch in range(8):
        for xb, yb in loader:
            opt.zero_grad()
            loss = F.cross_entropy(model(xb), yb)
            loss.backward()
            opt.step()
            run.log({"train/loss": loss.item()})
        with torch.no_grad():
            logits = model(x_test)
        run.log({"val/loss": F.cross_entropy(logits, y_test).item()})
    return (logits.argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("vanishing_gradient",))
