"""Optimizers that step inside the backward pass, one a parameter."""

from collections.abc import Generator

import pytest
import torch
from networks_small import batch, small
from scene import Loss, Scene, prove
from torch import nn


def in_backward(scene: Scene, to_none: bool) -> Generator[Loss, None, None]:
    model = small()
    optimizers = {p: torch.optim.Adam([p], lr=0.01, foreach=False) for p in model.parameters()}
    names = {p: name for name, p in model.named_parameters()}

    def move(parameter: torch.Tensor) -> None:
        before = parameter.detach().double().clone()
        scene.expect(f"gradient_norm/{names[parameter]}", parameter.grad.double().norm())
        optimizers[parameter].step()
        optimizers[parameter].zero_grad(set_to_none=to_none)
        scene.expect(f"weight_norm/{names[parameter]}", parameter.detach().double().norm())
        scene.expect(f"update_norm/{names[parameter]}", (parameter.detach().double() - before).norm())

    for parameter in model.parameters():
        parameter.register_post_accumulate_grad_hook(move)
    scene.watch(model)
    scene.expect_outputs(model, "first", "last")
    for _ in range(4):
        x, y = batch()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        scene.current += 1
        yield loss


@pytest.mark.parametrize("to_none", [True, False])
def test_optimizers_in_the_backward_pass_show_gradients_weights_and_updates_by_log(to_none: bool) -> None:
    proof = prove(lambda scene: in_backward(scene, to_none), rel=1e-4)
    assert set(proof.values("loss")) == {0, 1, 2, 3}
    assert set(proof.values("gradient_norm/first.weight")) == {0, 1, 2, 3}
    assert proof.facts("no_gradient") == []
