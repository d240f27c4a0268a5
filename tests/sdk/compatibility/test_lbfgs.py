"""Optimizers that call a closure: LBFGS, and others that are given one."""

from collections.abc import Generator
from typing import Any

import pytest
import torch
from networks_small import batch, small
from scene import Loss, Scene, prove
from torch import nn


def with_closure(scene: Scene, make: Any) -> Generator[Loss, None, None]:
    model = small()
    optimizer = make(model.parameters())
    scene.watch(model, optimizer)
    scene.expect_outputs(model, "first", "last")
    for _ in range(3):
        x, y = batch()

        def closure(x: Any = x, y: Any = y) -> torch.Tensor:
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(x), y)
            loss.backward()
            return loss

        before = {name: p.detach().double().clone() for name, p in model.named_parameters()}
        loss = optimizer.step(closure)
        for name, parameter in model.named_parameters():
            scene.expect(f"gradient_norm/{name}", parameter.grad.double().norm())
            scene.expect(f"weight_norm/{name}", parameter.detach().double().norm())
            scene.expect(f"update_norm/{name}", (parameter.detach().double() - before[name]).norm())
        scene.current += 1
        yield loss


@pytest.mark.parametrize(
    "make",
    [
        lambda parameters: torch.optim.LBFGS(parameters, max_iter=3),
        lambda parameters: torch.optim.SGD(parameters, lr=0.1),
        lambda parameters: torch.optim.AdamW(parameters, lr=0.1),
    ],
    ids=["LBFGS", "SGD", "AdamW"],
)
def test_an_optimizer_with_a_closure_shows_its_gradients_weights_and_updates(make: Any) -> None:
    proof = prove(lambda scene: with_closure(scene, make), rel=1e-4)
    assert set(proof.values("gradient_norm/first.weight")) == {0, 1, 2}
    assert set(proof.values("activation_std/first")) == {0, 1, 2}
