"""Learning rate schedulers, which wrap `optimizer.step` before or after the watch."""

from collections.abc import Generator
from typing import Any

import pytest
import torch
from networks_small import batch, sgd, small
from scene import Loss, Scene, prove
from torch import nn
from torch.optim import lr_scheduler

SCHEDULERS = {
    "lambda": lambda optimizer: lr_scheduler.LambdaLR(optimizer, lambda step: 1 / (step + 1)),
    "one cycle": lambda optimizer: lr_scheduler.OneCycleLR(optimizer, 0.2, total_steps=10, cycle_momentum=False),
    "plateau": lambda optimizer: lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=0, threshold=10.0),
}


def scheduled(scene: Scene, kind: str, late: bool) -> Generator[Loss, None, None]:
    model = small()
    optimizer = sgd(model)
    scheduler: Any = None if late else SCHEDULERS[kind](optimizer)
    scene.watch(model, optimizer)
    scheduler = scheduler or SCHEDULERS[kind](optimizer)
    for _ in range(4):
        x, y = batch()
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        scene.expect("learning_rate", optimizer.param_groups[0]["lr"])
        scene.step(optimizer)
        scheduler.step(*([float(loss.detach())] if kind == "plateau" else []))
        yield loss


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("kind", SCHEDULERS)
def test_each_step_is_told_with_the_learning_rate_it_used(kind: str, late: bool) -> None:
    proof = prove(lambda scene: scheduled(scene, kind, late))
    assert set(proof.values("learning_rate")) == {0, 1, 2, 3}
    assert len(set(proof.values("learning_rate").values())) > 1


def averaged(scene: Scene) -> Generator[Loss, None, None]:
    model = small()
    optimizer = sgd(model)
    scene.watch(model, optimizer)
    average = torch.optim.swa_utils.AveragedModel(model)
    scene.expect_outputs(model, "first")
    for _ in range(3):
        x, y = batch()
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        scene.step(optimizer)
        average.update_parameters(model)
        with torch.no_grad():
            told = average(x * 1000).sum()
        yield loss + told


def test_an_averaged_copy_of_the_model_is_silent() -> None:
    assert "eval/activation_std/first" not in prove(averaged).series
