"""Sorts photographs of acorn caps by the weave of their scales with a four-stage CNN."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program

KINDS = 6


def photos(n, g):
    kind = torch.randint(KINDS, (n,), generator=g)
    yy, xx = torch.meshgrid(torch.arange(16.0), torch.arange(16.0), indexing="ij")
    angle = (kind.float() * 3.1416 / KINDS + 0.08 * torch.randn(n, generator=g)).view(-1, 1, 1)
    phase = 6.2832 * torch.rand(n, 1, 1, generator=g)
    scale = torch.sin(1.3 * (xx * torch.cos(angle) + yy * torch.sin(angle)) + phase)
    image = scale + 0.9 * torch.randn(n, 16, 16, generator=g)
    return ((image - image.mean()) / image.std()).unsqueeze(1), kind


class CapNet(nn.Module):
    def __init__(self):
        super().__init__()
        widths = [1, 8, 12, 12, 16]
        self.backbone = nn.Sequential()
        for a, b in zip(widths, widths[1:]):
            self.backbone.append(nn.Conv2d(a, b, 3, padding=1))
            self.backbone.append(nn.ReLU())
            if b < 16:
                self.backbone.append(nn.MaxPool2d(2))
        self.fc = nn.Linear(16, KINDS)

    def forward(self, x):
        return self.fc(self.backbone(x).mean(dim=(2, 3)))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = photos(2400, g)
    x_test, y_test = photos(600, g)

    model = CapNet()
    if sick:
        for p in model.backbone.parameters():
            p.requires_grad = False
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=3e-3)
    run.watch(model, optimizer)

    for step in range(450):
        idx = torch.randint(len(x), (48,))
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x[idx]), y[idx])
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})

    model.eval()
    with torch.no_grad():
        return (model(x_test).argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("frozen_parameters",))
