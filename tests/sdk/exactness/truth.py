"""What a training step really saw: every number computed in float64 numpy from whole tensors that own hooks copied."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

Array = NDArray[np.float64]


@dataclass
class Step:
    """Whole tensors of one step, by layer and by parameter name."""

    outputs: dict[str, Array] = field(default_factory=dict)
    gradients: dict[str, Array] = field(default_factory=dict)
    before: dict[str, Array] = field(default_factory=dict)
    after: dict[str, Array] = field(default_factory=dict)

    def updates(self) -> Iterator[tuple[str, Array]]:
        for name, weight in self.after.items():
            yield name, weight - self.before[name]


class Truth:
    """Trains a network for some steps and keeps all that each of them saw; knows nothing of the SDK."""

    def __init__(self, model: nn.Module, batch: Callable[[], tuple[Any, Any]], optimizer: Any, criterion: Any) -> None:
        self.model, self.optimizer = model, optimizer
        self._batch, self._criterion = batch, criterion
        self.steps: list[Step] = []
        for name, module in model.named_modules():
            if next(module.children(), None) is None:
                module.register_forward_hook(self._keep(name))

    def train(self, steps: int, after_step: Callable[[], None]) -> None:
        for _ in range(steps):
            self.steps.append(Step())
            inputs, targets = self._batch()
            loss = self._criterion(self.model(inputs), targets)
            self.optimizer.zero_grad()
            loss.backward()
            step = self.steps[-1]
            step.gradients = {name: plain(p.grad) for name, p in self.model.named_parameters()}
            step.before = {name: plain(p) for name, p in self.model.named_parameters()}
            self.optimizer.step()
            step.after = {name: plain(p) for name, p in self.model.named_parameters()}
            after_step()

    def _keep(self, name: str) -> Callable[..., None]:
        def on_forward(module: nn.Module, arguments: Any, output: Any) -> None:
            self.steps[-1].outputs.setdefault(name, plain(output))

        return on_forward


def plain(tensor: Any) -> Array:
    """A copy that later steps cannot reach."""
    found: Array = tensor.detach().double().numpy().copy()
    return found
