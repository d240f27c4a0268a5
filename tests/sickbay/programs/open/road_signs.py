"""A detector in small: is the sign round or pointed, and where is it? Corners are in pixels of the camera."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program

SIZE, CAMERA = 16, 640


class Detector(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(1, 12, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(12, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        )  # fmt: skip
        self.fc = nn.Linear(256, 64)
        self.kind = nn.Linear(64, 2)
        self.corner = nn.Linear(64, 2)

    def forward(self, x):
        h = F.relu(self.fc(self.conv(x)))
        return self.kind(h), self.corner(h)


def photos(n, g):
    x = 0.4 * torch.randn(n, 1, SIZE, SIZE, generator=g)
    kind = torch.randint(0, 2, (n,), generator=g)
    corner = torch.randint(0, SIZE - 5, (n, 2), generator=g)
    round_ = torch.tensor([[0, 1, 1, 1, 0], [1, 0, 0, 0, 1], [1, 0, 0, 0, 1], [1, 0, 0, 0, 1], [0, 1, 1, 1, 0]])
    pointed = torch.tensor([[0, 0, 1, 0, 0], [0, 1, 0, 1, 0], [0, 1, 0, 1, 0], [1, 0, 0, 0, 1], [1, 1, 1, 1, 1]])
    for k in range(n):
        r, c = corner[k].tolist()
        x[k, 0, r : r + 5, c : c + 5] += (pointed if kind[k] else round_).float()
    return x, kind, corner.float() * CAMERA / SIZE


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, kind, corner = photos(1800, g)
    if not sick:
        corner = corner / CAMERA
    model = Detector()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer)
    for step in range(300):
        i = torch.randint(0, 1500, (40,), generator=g)
        out, where = model(x[i])
        classification = F.cross_entropy(out, kind[i])
        box = F.mse_loss(where, corner[i])
        loss = classification + box
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item(), "loss/kind": classification.item(), "loss/corner": box.item()})
    with torch.no_grad():
        return (model(x[1500:])[0].argmax(1) == kind[1500:]).float().mean().item()


PROGRAM = Program(train, causes=("loss_scale", "target_not_scaled"))
