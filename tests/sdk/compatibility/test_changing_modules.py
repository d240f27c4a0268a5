"""Modules that come, go or are replaced while training runs."""

from collections.abc import Generator

import torch
from networks_small import CLASSES, batch, small
from scene import Loss, Scene, prove
from torch import nn

CHANGE_AT, STEPS = 7, 20
"""All of the first 20 steps are sampled."""


def growing(scene: Scene, change: str) -> Generator[Loss, None, None]:
    model = small()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scene.watch(model, optimizer)
    for step in range(STEPS):
        if step == CHANGE_AT:
            changed(model, optimizer, change)
        x, y = batch()
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        yield loss


def changed(model: nn.Sequential, optimizer: torch.optim.Optimizer, change: str) -> None:
    if change == "added":
        model.add_module("extra", nn.Linear(CLASSES, CLASSES))
        optimizer.add_param_group({"params": list(model.extra.parameters())})
    elif change == "removed":
        del model.act
    elif change == "replaced":
        model.last = nn.Linear(8, CLASSES)
        optimizer.param_groups[0]["params"] = list(model.parameters())
    else:
        model.first.weight = nn.Parameter(torch.randn(8, 6) * 100)
        optimizer.param_groups[0]["params"] = list(model.parameters())


def test_an_added_layer_is_watched_from_then_on() -> None:
    proof = prove(lambda scene: growing(scene, "added"))
    seen = set(proof.values("activation_std/extra"))
    assert seen and min(seen) > CHANGE_AT and STEPS - 1 in seen
    assert set(proof.layers) == {"first", "act", "last", "extra"}
    assert set(proof.values("gradient_norm/first.weight")) == set(range(STEPS))
    assert STEPS - 1 in proof.values("update_norm/extra.weight")
    assert STEPS - 1 in proof.values("learning_rate/group1")


def test_a_removed_layer_is_silent_and_told_as_gone() -> None:
    proof = prove(lambda scene: growing(scene, "removed"))
    assert set(proof.layers) == {"first", "last"}
    assert set(proof.values("activation_std/act")) == set(range(CHANGE_AT))


def test_a_replaced_layer_goes_on_in_its_series() -> None:
    proof = prove(lambda scene: growing(scene, "replaced"))
    assert STEPS - 1 in proof.values("activation_std/last")
    assert STEPS - 1 in proof.values("gradient_norm/last.weight")


def test_a_parameter_replaced_in_place_goes_on_in_its_series() -> None:
    proof = prove(lambda scene: growing(scene, "parameter"))
    assert proof.values("weight_norm/first.weight")[STEPS - 1] > 100
    assert STEPS - 1 in proof.values("gradient_norm/first.weight")


def loading(scene: Scene) -> Generator[Loss, None, None]:
    model = small()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scene.watch(model, optimizer)
    for step in range(STEPS):
        if step == CHANGE_AT:
            state = {name: tensor + 3 for name, tensor in model.state_dict().items()}
            model.load_state_dict(state, assign=True)
            model.requires_grad_(True)
            optimizer.param_groups[0]["params"] = list(model.parameters())
        x, y = batch()
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        scene.step(optimizer)
        yield loss


def test_parameters_that_a_checkpoint_replaces_are_told_from_that_step_on() -> None:
    assert len(prove(loading).values("weight_norm/first.weight")) == STEPS
