"""Gradients that are set to nothing, to zero, or replaced between steps."""

from collections.abc import Generator

import pytest
from networks_small import batch, sgd, small
from scene import Loss, Scene, prove
from torch import nn


def zeroing(scene: Scene, to_none: bool) -> Generator[Loss, None, None]:
    model = small()
    optimizer = sgd(model)
    scene.watch(model, optimizer)
    for _ in range(3):
        x, y = batch()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        scene.step(optimizer)
        optimizer.zero_grad(set_to_none=to_none)
        yield loss


@pytest.mark.parametrize("to_none", [True, False])
def test_gradients_are_read_anew_each_step(to_none: bool) -> None:
    assert set(prove(lambda scene: zeroing(scene, to_none)).values("gradient_norm/first.weight")) == {0, 1, 2}
