"""Frozen, detached and forgotten parameters, and parts that are unfrozen on the way."""

from collections.abc import Generator

import pytest
import torch
from networks_small import batch, sgd, small
from scene import Loss, Scene, prove
from torch import nn


def partly_frozen(scene: Scene) -> Generator[Loss, None, None]:
    model = small()
    model.first.weight.requires_grad_(False)
    optimizer = torch.optim.SGD([model.first.weight, model.first.bias, model.last.weight], lr=0.1)
    scene.watch(model, optimizer)
    for _ in range(2):
        x, y = batch()
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model.last(model.act(model.first(x)).detach()), y)
        loss.backward()
        scene.step(optimizer)
        yield loss


def test_frozen_detached_and_forgotten_parameters_are_told_apart() -> None:
    proof = prove(partly_frozen)
    assert [fact["parameters"] for fact in proof.facts("no_gradient")] == [["first.bias"]]
    parameters = {p["name"]: p for layer in proof.layers.values() for p in layer["parameters"]}
    assert not parameters["first.weight"]["trainable"] and parameters["first.bias"]["trainable"]
    assert not parameters["last.bias"]["in_optimizer"] and parameters["last.weight"]["in_optimizer"]


def unfrozen_in_stages(scene: Scene) -> Generator[Loss, None, None]:
    model = small()
    model.first.requires_grad_(False)
    optimizer = sgd(model)
    scene.watch(model, optimizer)
    scene.expect_outputs(model, "first", "last")
    for step in range(12):
        if step == 6:
            model.first.requires_grad_(True)
        x, y = batch()
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        scene.step(optimizer)
        yield loss


def test_a_part_that_is_unfrozen_has_gradients_and_is_told_as_trainable_from_then_on() -> None:
    proof = prove(unfrozen_in_stages)
    assert set(proof.values("gradient_norm/first.weight")) == set(range(6, 12))
    assert all(parameter["trainable"] for parameter in proof.layers["first"]["parameters"])


def grown_by_a_group(scene: Scene) -> Generator[Loss, None, None]:
    model = small()
    optimizer = torch.optim.SGD(model.last.parameters(), lr=0.1)
    scene.watch(model, optimizer)
    for step in range(12):
        if step == 3:
            optimizer.add_param_group({"params": list(model.first.parameters()), "lr": 0.01})
        x, y = batch()
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        scene.step(optimizer)
        yield loss


def test_a_parameter_group_added_on_the_way_is_told_with_its_learning_rate() -> None:
    proof = prove(grown_by_a_group)
    assert proof.values("learning_rate/group1")[11] == torch.tensor(0.01).item()
    assert set(proof.values("learning_rate/group1")) == set(range(3, 12))
    assert all(parameter["in_optimizer"] for parameter in proof.layers["first"]["parameters"])


class Frozen(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.backbone, self.head = small(), nn.Linear(2, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            features = self.backbone(x)
        return self.head(features)  # type: ignore[no-any-return]


def with_backbone(scene: Scene) -> Generator[Loss, None, None]:
    model = Frozen()
    model.backbone.requires_grad_(False)
    optimizer = sgd(model.head)
    scene.watch(model, optimizer)
    scene.without_gradients = True
    scene.expect_outputs(model, "backbone.first", "backbone.last", "head")
    for _ in range(3):
        x, y = batch()
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        scene.step(optimizer)
        yield loss


def test_a_backbone_that_runs_without_gradients_in_a_training_pass_is_part_of_it() -> None:
    proof = prove(with_backbone)
    assert set(proof.values("activation_std/backbone.first")) == {0, 1, 2}
    assert "eval/activation_std/head" not in proof.series


def frozen_in_turns(scene: Scene, by_hand: bool) -> Generator[Loss, None, None]:
    """As adversarial training does it: parts are frozen and unfrozen at every step."""
    model = small()
    optimizer = sgd(model)
    scene.watch(model, None if by_hand else optimizer)
    for step in range(6):
        x, y = batch()
        model.first.requires_grad_(step % 2 == 0)
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        scene.step(optimizer)
        yield loss


@pytest.mark.parametrize("by_hand", [False, True])
def test_parts_that_are_frozen_in_turns_have_gradients_in_their_turn(by_hand: bool) -> None:
    proof = prove(lambda scene: frozen_in_turns(scene, by_hand))
    assert set(proof.values("gradient_norm/first.weight")) == {0, 2, 4}
    assert [fact for fact in proof.facts("no_gradient") if fact["parameters"]] == []
