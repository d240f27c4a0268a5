"""Sorts pictures of polished granite slabs into five quarries."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program


def slabs(n, g):
    quarry = torch.randint(0, 5, (n,), generator=g)
    yy, xx = torch.meshgrid(torch.arange(12.0), torch.arange(12.0), indexing="ij")
    angle = quarry.float() * 3.14159 / 5
    phase = torch.rand(n, generator=g) * 6.283
    wave = torch.sin(
        1.2 * (xx * torch.cos(angle)[:, None, None] + yy * torch.sin(angle)[:, None, None]) + phase[:, None, None]
    )
    return (wave + 0.7 * torch.randn(n, 12, 12, generator=g)).unsqueeze(1), quarry


class SlabNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(1, 16, 3)
        self.c2 = nn.Conv2d(16, 32, 3, stride=2)
        self.fc = nn.Linear(32 * 16, 5)

    def forward(self, x):
        x = F.relu(self.c1(x))
        x = F.relu(self.c2(x))
        return self.fc(x.flatten(1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    images, labels = slabs(2000, g)
    test_images, test_labels = slabs(500, g)
    dtype = torch.float16 if sick else torch.float32
    model = SlabNet().to(dtype)
    images, test_images = images.to(dtype), test_images.to(dtype)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer)
    for step in range(250):
        idx = torch.randint(0, len(images), (32,), generator=g)
        out = model(images[idx])
        loss = F.cross_entropy(out.float(), labels[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"train/loss": loss.item()}, step=step)
    model.eval()
    with torch.no_grad():
        return (model(test_images).float().argmax(1) == test_labels).float().mean().item()


PROGRAM = Program(train, causes=("precision_underflow",), by_definition=True)
