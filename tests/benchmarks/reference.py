"""The reference models, and one copy of such a model that trains."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).parents[1]))

from networks import cnn, gpt, mlp


@dataclass(frozen=True)
class Reference:
    """`goal`: watched / bare in steady state. `interval_max`: each layer's statistics at least so often, in steps."""

    name: str
    model: Callable[[], nn.Module]
    batch: Callable[[], Any]
    goal: float
    interval_max: int
    young_runs: int
    """How often its first steps are measured: as often as a few minutes allow."""


REFERENCES = {
    "mlp": Reference("mlp", mlp.Mlp, mlp.batch, 1.05, 100, young_runs=10),
    "cnn": Reference("cnn", cnn.Cnn, cnn.batch, 1.02, 10, young_runs=1),
    "gpt": Reference("gpt", gpt.Gpt, gpt.batch, 1.02, 10, young_runs=1),
}


class Follower(Protocol):
    """What looks at a training: ours, or a peer's."""

    def follow(self, model: nn.Module, optimizer: Any, criterion: nn.Module) -> None: ...

    def step_begins(self) -> None: ...

    def backward_done(self) -> None: ...

    def step_done(self, loss: Any) -> None: ...


class Trainer:
    """One copy of a model with its optimizer; the same weights and batch for every copy."""

    def __init__(self, reference: Reference, device: str = "cpu", follower: Follower | None = None) -> None:
        torch.manual_seed(0)
        self.device = device
        self.model, self.criterion = reference.model().to(device), nn.CrossEntropyLoss()
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=1e-4)
        self.batch = tuple(part.to(device) for part in reference.batch())
        self.follower = follower
        if follower is not None:
            follower.follow(self.model, self.optimizer, self.criterion)

    def block(self, steps: int) -> float:
        """Seconds for some steps."""
        train = self._bare_step if self.follower is None else self._followed_step
        self._wait()
        start = time.perf_counter()
        for _ in range(steps):
            train()
        self._wait()
        return time.perf_counter() - start

    def _bare_step(self) -> None:
        inputs, targets = self.batch
        loss = self.criterion(self.model(inputs), targets)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()

    def _followed_step(self) -> None:
        inputs, targets = self.batch
        assert self.follower is not None
        self.follower.step_begins()
        loss = self.criterion(self.model(inputs), targets)
        self.optimizer.zero_grad()
        loss.backward()
        self.follower.backward_done()
        self.optimizer.step()
        self.follower.step_done(loss)

    def _wait(self) -> None:
        if self.device != "cpu":
            torch.cuda.synchronize()
