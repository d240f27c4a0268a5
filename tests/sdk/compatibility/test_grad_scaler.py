"""Mixed precision with a gradient scaler: true gradients, and skipped steps are no steps."""

from collections.abc import Generator

import pytest
import torch
from networks_small import batch, small
from scene import Loss, Scene, prove
from torch import nn

SCALE = 1024.0


def scaled(scene: Scene, fused: bool) -> Generator[Loss, None, None]:
    model, criterion = small(), nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, fused=fused)
    scaler = torch.amp.GradScaler("cpu", init_scale=SCALE)
    scene.watch(model, optimizer, criterion)
    for fault in (1.0, float("inf"), 1.0):
        x, y = batch()
        optimizer.zero_grad()
        loss = criterion(model(x), y) * fault
        scaler.scale(loss).backward()
        if fault == 1.0:
            for name, parameter in model.named_parameters():
                scene.expect(f"gradient_norm/{name}", parameter.grad.double().norm() / scaler.get_scale())
        before = {name: p.detach().clone() for name, p in model.named_parameters()}
        scaler.step(optimizer)
        scaler.update()
        if fault == 1.0:
            for name, parameter in model.named_parameters():
                scene.expect(f"weight_norm/{name}", parameter.detach().double().norm())
                scene.expect(f"update_norm/{name}", (parameter.detach().double() - before[name].double()).norm())
            scene.current += 1
        yield loss


@pytest.mark.parametrize("fused", [False, True])
def test_a_gradient_scaler_shows_true_gradients_and_its_skipped_steps_are_no_steps(fused: bool) -> None:
    proof = prove(lambda scene: scaled(scene, fused), rel=1e-4, dropped=["replaced"])
    assert set(proof.values("loss")) == {0, 1}
    assert set(proof.values("gradient_norm/first.weight")) == {0, 1}
    assert sum(fact["details"]["count"] for fact in proof.facts("skipped_step")) == 1


def unscaled_and_clipped(scene: Scene) -> Generator[Loss, None, None]:
    model, criterion = small(), nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scaler = torch.amp.GradScaler("cpu", init_scale=SCALE)
    scene.watch(model, optimizer)
    for _ in range(3):
        x, y = batch()
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        nn.utils.clip_grad_norm_(model.parameters(), 0.01)
        scene.step(optimizer, lambda: scaler.step(optimizer))
        scaler.update()
        yield loss


def test_gradients_that_were_unscaled_for_clipping_are_not_unscaled_twice() -> None:
    proof = prove(unscaled_and_clipped)
    assert proof.values("gradient_norm_total")[0] <= 0.0101
