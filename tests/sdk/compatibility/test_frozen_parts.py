"""Frozen, detached and forgotten parameters, and parts that are unfrozen on the way."""

from collections.abc import Generator

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
