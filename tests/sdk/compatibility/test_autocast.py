"""Mixed precision by autocast to bfloat16."""

from collections.abc import Generator

import torch
from networks_small import batch, sgd, small
from scene import ROUNDED, Loss, Scene, prove
from torch import nn


def autocast(scene: Scene) -> Generator[Loss, None, None]:
    model, criterion = small(), nn.CrossEntropyLoss()
    optimizer = sgd(model)
    scene.watch(model, optimizer, criterion)
    scene.expect_outputs(model, "first", "act", "last")
    for _ in range(3):
        x, y = batch()
        optimizer.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = criterion(model(x), y)
        loss.backward()
        scene.step(optimizer)
        yield loss


def test_autocast_outputs_of_half_precision_are_captured_as_they_are() -> None:
    proof = prove(autocast, rel=ROUNDED)
    assert set(proof.values("activation_std/first")) == {0, 1, 2}
