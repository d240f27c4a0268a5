"""Scripted and traced modules, which run outside Python."""

from collections.abc import Generator

import pytest
import torch
from networks_small import CLASSES, WIDTH, batch, sgd
from scene import Loss, Scene, prove
from torch import nn

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")


def scripted(scene: Scene) -> Generator[Loss, None, None]:
    inner = torch.jit.script(nn.Sequential(nn.Linear(WIDTH, 8), nn.ReLU()))
    model = nn.Sequential(inner, nn.Linear(8, CLASSES))
    optimizer = sgd(model)
    scene.watch(model, optimizer)
    scene.expect_outputs(model, "1")
    for _ in range(3):
        x, y = batch()
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        scene.step(optimizer)
        yield loss


def test_a_scripted_part_shows_its_parameters_and_the_rest_everything() -> None:
    proof = prove(scripted)
    assert set(proof.values("gradient_norm/0.0.weight")) == {0, 1, 2}
    assert "activation_std/0.0" not in proof.series


def whole(scene: Scene) -> Generator[Loss, None, None]:
    model = torch.jit.script(nn.Sequential(nn.Linear(WIDTH, CLASSES)))
    optimizer = sgd(model)
    scene.watch(model, optimizer)
    for _ in range(2):
        x, y = batch()
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        scene.step(optimizer)
        yield loss


def test_a_model_scripted_as_a_whole_is_watched_as_far_as_it_shows_itself() -> None:
    assert set(prove(whole).values("weight_norm/0.weight")) == {0, 1}
