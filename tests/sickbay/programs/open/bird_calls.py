"""Which of four birds sang; the line that clears the gradients fell out when the loop was tidied."""

import math

import torch
from torch import nn

from trainvitals.run import Run

from ...program import Program


class Listener(nn.Module):
    """A GRU over twenty frames; its last state is classified."""

    def __init__(self) -> None:
        super().__init__()
        self.gru = nn.GRU(3, 24, batch_first=True)
        self.head = nn.Linear(24, 4)

    def forward(self, calls: torch.Tensor) -> torch.Tensor:
        """Logits of four birds."""
        _, last = self.gru(calls)
        return self.head(last[0])


def calls(n: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Trills of four speeds, in three bands with their own phase."""
    bird = torch.randint(0, 4, (n,))
    t = torch.arange(20) / 20
    phase = torch.rand(n, 1, 3) * 0.8
    wave = torch.sin(2 * math.pi * (1 + bird[:, None, None]) * t[None, :, None] + phase)
    return wave * 1.3 + 0.4 * torch.randn(n, 20, 3), bird


def train(run: Run, *, sick: bool, seed: int) -> float:
    """Fresh recordings at each step."""
    torch.manual_seed(100 + seed)
    model, criterion = Listener(), nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.2)
    run.watch(model, optimizer, criterion)
    for _ in range(350):
        x, y = calls(48)
        if not sick:
            optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        run.log({"loss": loss, "chance": math.exp(-float(loss))})
    x, y = calls(800)
    with torch.no_grad():
        return (model(x).argmax(1) == y).float().mean().item()


PROGRAM = Program(train, causes=("missing_zero_grad",), by_definition=True)
