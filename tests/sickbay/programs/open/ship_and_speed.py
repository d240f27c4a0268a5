"""Type of a ship and its speed by one trunk; the squared error is in metres an hour and leaves the type no voice."""

import torch
from torch import Tensor, nn

from trainvitals.run import Run

from ...program import Program


class TwoHeads(nn.Module):
    """A trunk, five types, one speed."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(12, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU())
        self.kind, self.speed = nn.Linear(16, 5), nn.Linear(16, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Logits and speed."""
        h = self.trunk(x)
        return self.kind(h), self.speed(h).squeeze(1)


def train(run: Run, *, sick: bool, seed: int) -> float:
    """The score is that of the type."""
    torch.manual_seed(seed)
    x = torch.randn(3600, 12)
    kind = torch.bucketize(x[:, 0] * x[:, 1] + x[:, 2], torch.tensor([-1.2, -0.35, 0.35, 1.2]))
    speed = x[:, 5] + 0.5 * x[:, 6] * x[:, 7] + 0.2 * torch.randn(3600)
    weight = 1e6 if sick else 1.0
    model, ce, mse = TwoHeads(), nn.CrossEntropyLoss(), nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    run.watch(model, optimizer, ce)
    for _epoch in range(9):
        for rows in torch.randperm(3000).split(60):
            logits, knots = model(x[rows])
            loss_kind, loss_speed = ce(logits, kind[rows]), weight * mse(knots, speed[rows])
            loss = loss_kind + loss_speed
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item(), "loss/kind": loss_kind.item(), "loss/speed": loss_speed.item()})
    return (model(x[3000:])[0].argmax(1) == kind[3000:]).float().mean().item()


PROGRAM = Program(train, causes=("loss_scale",))
