"""Modules called without their own parameters: functional calls and transforms of torch.func."""

from collections.abc import Generator

import torch
from networks_small import batch, sgd, small
from scene import Loss, Scene, prove
from torch import nn
from torch.func import functional_call, grad, vmap


def functional(scene: Scene) -> Generator[Loss, None, None]:
    model = small()
    optimizer = sgd(model)
    scene.watch(model, optimizer)
    for _ in range(3):
        x, y = batch()
        parameters = {name: p.detach() for name, p in model.named_parameters()}

        def judged(weights: dict[str, torch.Tensor], x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            return nn.functional.cross_entropy(functional_call(model, weights, (x[None],)), y[None])

        each = vmap(grad(judged), (None, 0, 0))(parameters, x, y)
        for name, parameter in model.named_parameters():
            parameter.grad = each[name].mean(0)
        scene.step(optimizer)
        yield sum(g.square().sum() for g in each.values())


def test_gradients_of_samples_by_vmap_are_watched_without_a_fault() -> None:
    proof = prove(functional, dropped=["layers_unseen"])
    assert set(proof.values("gradient_norm/first.weight")) == {0, 1, 2}


def called(scene: Scene) -> Generator[Loss, None, None]:
    model = small()
    optimizer = sgd(model)
    scene.watch(model, optimizer)
    scene.expect_outputs(model, "first", "last")
    for _ in range(3):
        x, y = batch()
        optimizer.zero_grad()
        doubled = {name: p * 2 for name, p in model.named_parameters()}
        loss = nn.functional.cross_entropy(functional_call(model, doubled, (x,)), y)
        loss.backward()
        scene.step(optimizer)
        yield loss


def test_a_functional_call_is_seen_as_the_module_computes_it() -> None:
    assert set(prove(called).values("activation_std/first")) == {0, 1, 2}


def second_order(scene: Scene) -> Generator[Loss, None, None]:
    model = small()
    optimizer = sgd(model)
    scene.watch(model, optimizer)
    for _ in range(3):
        x, y = batch()
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x.requires_grad_()), y)
        (slope,) = torch.autograd.grad(loss, x, create_graph=True)
        (loss + slope.square().sum()).backward()
        scene.step(optimizer)
        yield loss


def test_a_gradient_penalty_is_watched() -> None:
    assert set(prove(second_order).values("gradient_norm/first.weight")) == {0, 1, 2}
