"""The maker's mark under glazed porcelain, learned together with redrawing the picture from a small code."""

import torch
from torch import nn
from torch.nn import functional as F

from ...program import Program

MARKS = torch.tensor(
    [
        [[1, 1, 1, 1], [1, 0, 0, 1], [1, 0, 0, 1], [1, 1, 1, 1]],
        [[1, 0, 0, 1], [0, 1, 1, 0], [0, 1, 1, 0], [1, 0, 0, 1]],
        [[1, 0, 1, 0], [0, 1, 0, 1], [1, 0, 1, 0], [0, 1, 0, 1]],
        [[0, 1, 1, 0], [1, 1, 1, 1], [1, 1, 1, 1], [0, 1, 1, 0]],
    ]
)


def plates(n):
    kind = torch.randint(0, 4, (n,))
    glaze = F.interpolate(torch.randn(n, 1, 5, 5), size=16, mode="bilinear", align_corners=True)
    picture = glaze + 0.1 * torch.randn(n, 1, 16, 16)
    for i in range(n):
        r, c = torch.randint(1, 12, (2,)).tolist()
        picture[i, 0, r : r + 4, c : c + 4] += 1.6 * (2 * MARKS[kind[i]] - 1)
    return (picture - picture.mean()) / picture.std(), kind


class Plate(nn.Module):
    def __init__(self, code=10):
        super().__init__()
        self.encode = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(16, 24, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(24, 24, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(24 * 16, code),
        )
        self.decode = nn.Sequential(nn.Linear(code, 96), nn.ReLU(), nn.Linear(96, 256), nn.Unflatten(1, (1, 16, 16)))
        self.mark = nn.Linear(code, 4)

    def forward(self, x):
        code = self.encode(x)
        return self.mark(code), self.decode(code)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = plates(4600)
    model = Plate()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer)
    weight = 2000.0 if sick else 0.3
    for epoch in range(8):
        for rows in torch.randperm(4000).split(64):
            logits, redrawn = model(x[rows])
            mark_loss = F.cross_entropy(logits, y[rows])
            picture_loss = weight * F.mse_loss(redrawn, x[rows])
            loss = mark_loss + picture_loss
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item(), "loss/mark": mark_loss.item(), "loss/picture": picture_loss.item()})
    with torch.no_grad():
        logits, _ = model(x[4000:])
    return (logits.argmax(1) == y[4000:]).float().mean().item()


PROGRAM = Program(train, causes=("loss_scale",))
