"""Two spirals pulled apart by eight Euler steps of one shared vector field."""

import torch
from torch import Tensor, nn

from trainvitals.run import Run

from ...program import Program


class Flow(nn.Module):
    """dz/dt = f(z), then a plane."""

    def __init__(self) -> None:
        super().__init__()
        self.field = nn.Sequential(nn.Linear(4, 48), nn.Tanh(), nn.Linear(48, 4))
        self.plane = nn.Linear(4, 2)

    def forward(self, z: Tensor) -> Tensor:
        """Logits after unit time."""
        z = nn.functional.pad(z, (0, 2))
        for _ in range(8):
            z = z + self.field(z) / 4
        return self.plane(z)


def spirals(n: int) -> tuple[Tensor, Tensor]:
    """Three quarters of a turn."""
    arm = torch.randint(0, 2, (n,))
    r = 0.3 + 1.7 * torch.rand(n)
    angle = r * 2.4 + arm * torch.pi
    return torch.stack([r * angle.cos(), r * angle.sin()], 1) + 0.08 * torch.randn(n, 2), arm


def train(run: Run, *, sick: bool, seed: int) -> float:
    """Cosine annealing."""
    torch.manual_seed(seed)
    model, criterion = Flow(), nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=8e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 350)
    run.watch(model, optimizer, criterion)
    for _ in range(350):
        z, arm = spirals(96)
        loss = criterion(model(z), arm)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        run.log({"loss": loss.item()})
    z, arm = spirals(1000)
    return (model(z).argmax(1) == arm).float().mean().item()


PROGRAM = Program(train)
