"""Training steps whose every batch is known to the test, and what the SDK told of them."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import nn

import trainvitals as tv
from trainvitals.transport.memory import MemoryTransport

Settle = Callable[[], None]
Pairs = Iterable[tuple[Any, Any]]


class Lesson:
    """A watched run: `train` goes through batches step by step, `details` and `value` read what came of it."""

    def __init__(self, run: tv.Run, transport: MemoryTransport, settle: Settle) -> None:
        self.run, self.transport, self.settle = run, transport, settle

    def train(self, model: Any, criterion: Any, batches: Pairs, optimizer: Any = None, **options: Any) -> Any:
        """One step each; with `clip` gradients are clipped to that norm, with `keep` they are never zeroed."""
        clip, keep = options.pop("clip", None), options.pop("keep", False)
        optimizer = optimizer or torch.optim.SGD(model.parameters(), lr=0.1)
        if not list(self.run._watches):
            self.run.watch(model, optimizer, criterion, **options)
        for inputs, targets in batches:
            if not keep:
                optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            if clip is not None:
                torch.nn.utils.clip_grad_norm_(model.parameters(), clip)
            optimizer.step()
            self.settle()
        return optimizer

    def evaluate(self, model: Any, criterion: Any, batches: Pairs) -> None:
        with torch.no_grad():
            for inputs, targets in batches:
                criterion(model(inputs), targets)
        self.settle()

    def details(self, kind: str) -> list[dict[str, Any]]:
        """Of each fact of a kind, once the run has ended."""
        self.run.finish()
        return [dict(fact["details"]) for fact in self.transport.facts(kind)]

    def last(self, kind: str) -> dict[str, Any]:
        return self.details(kind)[-1]

    def values(self, key: str) -> dict[int, float]:
        self.run.finish()
        return self.transport.values(key)


def classifier(features: int = 6, classes: int = 3) -> nn.Module:
    return nn.Sequential(nn.Linear(features, 16), nn.ReLU(), nn.Linear(16, classes))
