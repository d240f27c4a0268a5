"""Evaluation passes: a phase of their own, however gradients were turned off."""

import contextlib
from collections.abc import Callable, Generator
from typing import Any

import pytest
import torch
from networks_small import batch, sgd, small
from scene import Loss, Scene, prove
from torch import nn


def trained_step(scene: Scene, model: nn.Module, optimizer: Any) -> torch.Tensor:
    x, y = batch()
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(x), y)
    loss.backward()
    scene.step(optimizer)
    return loss


def evaluating(scene: Scene, off: Callable[[], Any], evaluation_mode: bool) -> Generator[Loss, None, None]:
    model = small()
    optimizer = sgd(model)
    scene.watch(model, optimizer, nn.CrossEntropyLoss())
    scene.expect_outputs(model, "first", "last")
    for _ in range(2):
        yield trained_step(scene, model, optimizer)
        model.train(not evaluation_mode)
        scene.training = False
        x, _ = batch()
        with off():
            model(x * 1000)
        exact = nn.functional.linear(x * 1000, model.first.weight, model.first.bias).detach().double()
        scene.truth.setdefault("eval/activation_std/first", {})[scene.current - 1] = float(exact.std(correction=0))
        model.train()
        scene.training = True


@pytest.mark.parametrize(
    ("off", "evaluation_mode"),
    [
        (torch.no_grad, True),
        (torch.no_grad, False),
        (torch.inference_mode, True),
        (torch.inference_mode, False),
        (contextlib.nullcontext, True),
    ],
)
def test_an_evaluation_pass_is_not_mixed_into_training(off: Callable[[], Any], evaluation_mode: bool) -> None:
    proof = prove(lambda scene: evaluating(scene, off, evaluation_mode))
    assert set(proof.values("eval/activation_std/first")) == {0, 1}
    assert set(proof.values("activation_std/first")) == {0, 1}


def evaluation_that_raises(scene: Scene) -> Generator[Loss, None, None]:
    model = small()
    optimizer = sgd(model)
    scene.watch(model, optimizer)
    scene.expect_outputs(model, "last")
    for width in (7, 6):
        yield trained_step(scene, model, optimizer)
        with contextlib.suppress(RuntimeError), torch.no_grad():
            model(torch.ones(2, width))


def test_an_evaluation_that_raises_does_not_end_the_others() -> None:
    proof = prove(evaluation_that_raises)
    assert list(proof.values("eval/activation_std/last")) == [1]
    assert set(proof.values("activation_std/last")) == {0, 1}


def trained_in_evaluation_mode(scene: Scene) -> Generator[Loss, None, None]:
    model = small().eval()
    optimizer = sgd(model)
    scene.watch(model, optimizer)
    for _ in range(3):
        yield trained_step(scene, model, optimizer)


def test_a_model_trained_in_evaluation_mode_is_watched_from_its_second_step() -> None:
    assert {1, 2} <= set(prove(trained_in_evaluation_mode).values("activation_std/first"))


def evaluation_before_the_first_step(scene: Scene) -> Generator[Loss, None, None]:
    model = small()
    optimizer = sgd(model)
    scene.watch(model, optimizer)
    with torch.no_grad():
        model(batch()[0] * 1000)
    scene.expect_outputs(model, "first")
    yield trained_step(scene, model, optimizer)


def test_a_pass_without_gradients_before_the_first_step_is_no_training() -> None:
    proof = prove(evaluation_before_the_first_step)
    assert proof.values("activation_std/first")[0] < 10


def forward_between_backward_and_step(scene: Scene) -> Generator[Loss, None, None]:
    model = small()
    optimizer = sgd(model)
    scene.watch(model, optimizer)
    scene.expect_outputs(model, "first")
    for _ in range(3):
        x, y = batch()
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        with torch.no_grad():
            model(x * 1000)
        scene.step(optimizer)
        yield loss


def test_a_metric_computed_between_backward_and_step_leaves_the_training_numbers_alone() -> None:
    proof = prove(forward_between_backward_and_step)
    assert set(proof.values("activation_std/first")) == {0, 1, 2}
