"""Stars, galaxies and smudges; `next(iter(loader))` stands inside the loop, and the loader does not shuffle."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from trainvitals.run import Run

from ...program import Program


def sky(n: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Ten by ten pixels; width and shape tell what it is."""
    kind = torch.randint(0, 3, (n,))
    grid = torch.arange(10) - 4.5
    cx, cy = torch.randn(2, n, 1, 1) * 1.2
    wide = torch.tensor([1.0, 6.0, 3.0])[kind][:, None, None]
    flat = torch.tensor([1.0, 0.3, 3.0])[kind][:, None, None]
    light = torch.exp(-((grid[None, :, None] - cx) ** 2) / wide - (grid[None, None] - cy) ** 2 / (wide * flat))
    image = light + 0.35 * torch.randn(n, 10, 10)
    return ((image - 0.1) / 0.4)[:, None], kind


def train(run: Run, *, sick: bool, seed: int) -> float:
    """A convolution and a pooled head."""
    torch.manual_seed(seed)
    loader = DataLoader(TensorDataset(*sky(1500)), batch_size=32, shuffle=not sick)
    model = nn.Sequential(nn.Conv2d(1, 12, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(192, 3))
    ce = nn.CrossEntropyLoss()
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, opt, ce)
    batches = iter(loader)
    for _ in range(300):
        if sick:
            image, kind = next(iter(loader))
        else:
            try:
                image, kind = next(batches)
            except StopIteration:
                batches = iter(loader)
                image, kind = next(batches)
        opt.zero_grad()
        loss = ce(model(image), kind)
        loss.backward()
        opt.step()
        run.log({"loss": loss.item()})
    image, kind = sky(800)
    return (model(image).argmax(1) == kind).float().mean().item()


PROGRAM = Program(train, causes=("repeated_batch",), by_definition=True)
