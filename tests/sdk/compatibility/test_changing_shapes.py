"""Batches, inputs and precision that change from step to step."""

import contextlib
from collections.abc import Generator

import torch
from networks_small import CLASSES, WIDTH, batch, sgd, small
from scene import Loss, Scene, prove
from torch import nn


def varying(scene: Scene) -> Generator[Loss, None, None]:
    model = nn.Sequential(nn.Embedding(20, WIDTH), nn.GRU(WIDTH, 4, batch_first=True))
    optimizer = sgd(model)
    scene.watch(model, optimizer)
    scene.expect_outputs(model, "0", "1")
    for rows, length in ((8, 5), (8, 9), (3, 2), (1, 1), (8, 5)):
        optimizer.zero_grad()
        loss = model(torch.randint(0, 20, (rows, length)))[0].square().mean()
        loss.backward()
        scene.step(optimizer)
        yield loss


def test_batches_of_varying_size_and_length_are_watched() -> None:
    assert set(prove(varying, rel=1e-4).values("activation_std/1")) == {0, 1, 2, 3, 4}


def moved(scene: Scene) -> Generator[Loss, None, None]:
    model = small()
    optimizer = sgd(model)
    scene.watch(model, optimizer)
    scene.expect_outputs(model, "first", "last")
    for step in range(6):
        if step == 3:
            model.double()
        x, y = batch()
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x.to(model.first.weight.dtype)), y)
        loss.backward()
        scene.step(optimizer)
        yield loss


def test_a_model_that_changes_its_precision_goes_on() -> None:
    assert set(prove(moved).values("gradient_norm/first.weight")) == set(range(6))


def loading_weights(scene: Scene) -> Generator[Loss, None, None]:
    model = small()
    optimizer = sgd(model)
    scene.watch(model, optimizer)
    for step in range(15):
        if step == 4:
            model.load_state_dict({name: value * 100 for name, value in model.state_dict().items()}, assign=True)
            optimizer.param_groups[0]["params"] = list(model.parameters())
        x, y = batch()
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        scene.current += 1
        yield loss


def test_weights_that_were_assigned_are_followed() -> None:
    proof = prove(loading_weights)
    assert proof.values("weight_norm/first.weight")[14] > 50 and 14 in proof.values("gradient_norm/first.weight")


def retried(scene: Scene) -> Generator[Loss, None, None]:
    """A batch that is too large raises in the middle of the model; the script takes a smaller one."""
    model = small()
    optimizer = sgd(model)
    scene.watch(model, optimizer)
    for _ in range(3):
        x, y = batch()
        optimizer.zero_grad()
        with contextlib.suppress(RuntimeError):
            model.last(model.act(model.first(x * 1000))[:, :3])
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        scene.current += 1
        yield loss


def test_a_pass_that_raised_and_was_retried_is_no_fault() -> None:
    assert set(prove(retried).values("gradient_norm/first.weight")) == {0, 1, 2}


def failing_step(scene: Scene) -> Generator[Loss, None, None]:
    model = small()
    optimizer = sgd(model)
    scene.watch(model, optimizer)
    scene.expect_outputs(model, "first")
    for _ in range(3):
        x, y = batch()
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        kept, optimizer.param_groups[0]["lr"] = optimizer.param_groups[0]["lr"], "fast"
        with contextlib.suppress(TypeError, ValueError):
            optimizer.step()
        optimizer.param_groups[0]["lr"] = kept
        scene.step(optimizer)
        yield loss


def test_an_optimizer_step_that_raised_is_no_step() -> None:
    proof = prove(failing_step)
    assert set(proof.values("loss")) == {0, 1, 2}


def without_root(scene: Scene) -> Generator[Loss, None, None]:
    """A model whose parts are called one by one, never as a whole."""
    model = nn.ModuleDict({"encoder": nn.Linear(WIDTH, 8), "decoder": nn.Linear(8, CLASSES)})
    optimizer = sgd(model)
    scene.watch(model, optimizer)
    scene.expect_outputs(model, "encoder", "decoder")
    for _ in range(3):
        x, y = batch()
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model["decoder"](model["encoder"](x).relu()), y)
        loss.backward()
        with torch.no_grad():
            model["encoder"](x * 1000)
        scene.step(optimizer)
        yield loss


def test_parts_that_are_called_one_by_one_are_watched() -> None:
    assert set(prove(without_root).values("activation_std/encoder")) == {0, 1, 2}
