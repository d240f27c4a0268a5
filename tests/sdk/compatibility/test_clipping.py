"""Gradients clipped by norm and by value: what the optimizer sees is what is told."""

from collections.abc import Callable, Generator

import pytest
from networks_small import batch, sgd, small
from scene import Loss, Scene, prove
from torch import nn

LIMIT = 0.01


def clipped(scene: Scene, clip: Callable[..., object]) -> Generator[Loss, None, None]:
    model, criterion = small(), nn.CrossEntropyLoss()
    optimizer = sgd(model)
    scene.watch(model, optimizer, criterion)
    for _ in range(3):
        x, y = batch()
        optimizer.zero_grad()
        loss = criterion(model(x) * 100, y)
        loss.backward()
        clip(model.parameters(), LIMIT)
        total = sum(float(p.grad.double().square().sum()) for p in model.parameters()) ** 0.5
        scene.expect("gradient_norm_total", total)
        scene.step(optimizer)
        yield loss


@pytest.mark.parametrize("clip", [nn.utils.clip_grad_norm_, nn.utils.clip_grad_value_])
def test_clipped_gradients_are_seen_as_the_optimizer_sees_them(clip: Callable[..., object]) -> None:
    proof = prove(lambda scene: clipped(scene, clip), rel=1e-4)
    assert set(proof.values("gradient_norm_total")) == {0, 1, 2}
