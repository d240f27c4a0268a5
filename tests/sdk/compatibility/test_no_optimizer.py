"""Training by hand, without an optimizer: each `log` is a step."""

from collections.abc import Generator

import torch
from networks_small import batch, small
from scene import Loss, Scene, prove
from torch import nn


def by_hand(scene: Scene) -> Generator[Loss, None, None]:
    model = small()
    scene.watch(model)
    scene.expect_outputs(model, "first", "last")
    for _ in range(4):
        x, y = batch()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        for name, parameter in model.named_parameters():
            scene.expect(f"gradient_norm/{name}", parameter.grad.double().norm())
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                before = parameter.double().clone()
                parameter -= 0.1 * parameter.grad
                scene.expect(f"weight_norm/{name}", parameter.double().norm())
                scene.expect(f"update_norm/{name}", (parameter.double() - before).norm())
        model.zero_grad()
        scene.current += 1
        yield loss


def test_weights_moved_by_hand_and_gradients_zeroed_before_log_are_seen() -> None:
    proof = prove(by_hand, rel=1e-4)
    assert set(proof.values("update_norm/first.weight")) == {0, 1, 2, 3}
    assert proof.facts("no_gradient") == []
