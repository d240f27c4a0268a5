"""Training by hand, without an optimizer: each `log` is a step."""

from collections.abc import Generator

import torch
from networks_small import batch, small
from scene import Loss, Scene, prove
from torch import nn


def by_hand(scene: Scene) -> Generator[Loss, None, None]:
    model = small()
    scene.watch(model)
    scene.expect_outputs(model, "first", "last")
    for _ in range(4):
        x, y = batch()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        for name, parameter in model.named_parameters():
            scene.expect(f"gradient_norm/{name}", parameter.grad.double().norm())
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                before = parameter.double().clone()
                parameter -= 0.1 * parameter.grad
                scene.expect(f"weight_norm/{name}", parameter.double().norm())
                scene.expect(f"update_norm/{name}", (parameter.double() - before).norm())
        model.zero_grad()
        scene.current += 1
        yield loss


def test_weights_moved_by_hand_and_gradients_zeroed_before_log_are_seen() -> None:
    proof = prove(by_hand, rel=1e-4)
    assert set(proof.values("update_norm/first.weight")) == {0, 1, 2, 3}
    assert proof.facts("no_gradient") == []


def logging_twice(scene: Scene) -> Generator[Loss, None, None]:
    model = small()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scene.watch(model)
    for _ in range(3):
        x, y = batch()
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        scene.expect("gradient_norm/first.weight", model.first.weight.grad.double().norm())
        optimizer.step()
        optimizer.zero_grad()
        scene.run.log({"rate": 0.1})
        scene.current += 2
        yield loss


def test_a_second_log_accuses_no_parameter_of_having_no_gradient() -> None:
    proof = prove(logging_twice)
    assert set(proof.values("rate")) == {0, 2, 4} and set(proof.values("loss")) == {1, 3, 5}
    assert proof.facts("no_gradient") == []
    assert proof.facts("parameters")[-1]["details"]["without_gradient"] == []


def assigned(scene: Scene) -> Generator[Loss, None, None]:
    """Gradients from `torch.autograd.grad`, put where they belong by hand."""
    model = small()
    scene.watch(model)
    for _ in range(3):
        x, y = batch()
        loss = nn.functional.cross_entropy(model(x), y)
        gradients = torch.autograd.grad(loss, list(model.parameters()))
        for (name, parameter), gradient in zip(model.named_parameters(), gradients, strict=True):
            parameter.grad = gradient
            scene.expect(f"gradient_norm/{name}", gradient.double().norm())
        scene.current += 1
        yield loss


def test_gradients_that_were_put_there_by_hand_are_seen() -> None:
    assert set(prove(assigned).values("gradient_norm/first.weight")) == {0, 1, 2}
