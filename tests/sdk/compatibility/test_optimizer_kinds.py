"""Optimizers in all their settings, of the user's own making, wrapped, and those that are none of torch's."""

from collections.abc import Generator
from typing import Any

import pytest
import torch
from networks_small import batch, small
from scene import Loss, Scene, prove
from torch import nn


class Odd(torch.optim.Optimizer):
    """A step with a signature of its own that gives something back."""

    def __init__(self, parameters: Any) -> None:
        super().__init__(parameters, {"speed": 0.1})

    @torch.no_grad()
    def step(self, boost: float, *, only_largest: bool = False) -> str:  # type: ignore[override]
        for group in self.param_groups:
            for parameter in group["params"]:
                parameter -= group["speed"] * boost * parameter.grad
        return "moved"


OPTIMIZERS = {
    "one by one": lambda p: torch.optim.AdamW(p, lr=0.01, foreach=False),
    "many at once": lambda p: torch.optim.AdamW(p, lr=0.01, foreach=True),
    "fused": lambda p: torch.optim.AdamW(p, lr=0.01, fused=True),
    "tensor learning rate": lambda p: torch.optim.Adam(p, lr=torch.tensor(0.01)),
    "amsgrad": lambda p: torch.optim.Adam(p, lr=0.01, amsgrad=True, maximize=True),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9, nesterov=True, weight_decay=0.01),
    "adafactor": lambda p: torch.optim.Adafactor(p, lr=0.01),
    "muon": lambda p: torch.optim.Muon([q for q in p if q.dim() == 2], lr=0.01),
    "rprop": lambda p: torch.optim.Rprop(p),
    "no learning rate": Odd,
}


def moved(scene: Scene, kind: str) -> Generator[Loss, None, None]:
    model = small()
    optimizer = OPTIMIZERS[kind](list(model.parameters()))
    scene.watch(model, optimizer, nn.CrossEntropyLoss())
    act = (lambda: optimizer.step(0.5, only_largest=True)) if kind == "no learning rate" else optimizer.step
    for _ in range(3):
        x, y = batch()
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        scene.step(optimizer, act)
        yield loss


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_every_kind_of_optimizer_shows_gradients_weights_and_updates(kind: str) -> None:
    proof = prove(lambda scene: moved(scene, kind), rel=1e-4)
    assert set(proof.values("update_norm/first.weight")) == {0, 1, 2}
    assert ("learning_rate" in proof.series) == (kind != "no learning rate")


class Wrapper:
    """Like accelerate's: `optimizer` is the one within."""

    def __init__(self, optimizer: torch.optim.Optimizer) -> None:
        self.optimizer = optimizer

    def step(self) -> None:
        self.optimizer.step()


class Subclass(torch.optim.Optimizer):
    """Accelerate's is an Optimizer itself, and calls the one within."""

    def __init__(self, optimizer: torch.optim.Optimizer) -> None:
        self.optimizer = optimizer

    @property
    def param_groups(self) -> Any:  # type: ignore[override]
        return self.optimizer.param_groups

    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        self.optimizer.step(closure)


def wrapped(scene: Scene, wrapper: Any) -> Generator[Loss, None, None]:
    model = small()
    optimizer = wrapper(wrapper(torch.optim.AdamW(model.parameters(), lr=0.01)))
    scene.watch(model, optimizer)
    for _ in range(3):
        x, y = batch()
        model.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        scene.step(optimizer)
        yield loss


@pytest.mark.parametrize("wrapper", [Wrapper, Subclass])
def test_a_wrapped_optimizer_is_found_within(wrapper: Any) -> None:
    proof = prove(lambda scene: wrapped(scene, wrapper))
    assert set(proof.values("update_norm/first.weight")) == {0, 1, 2}
    assert proof.facts("optimizer")[0]["type"] == "AdamW"
