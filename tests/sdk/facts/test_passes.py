"""Backward passes, carried gradients and clipping, against the gradients themselves."""

import math
from typing import Any

import pytest
import torch
from lesson import Lesson, classifier
from torch import nn

BATCH = torch.randn(8, 6), torch.randint(0, 3, (8,))


def norm_of(model: Any) -> float:
    return math.sqrt(sum(float(p.grad.double().square().sum()) for p in model.parameters() if p.grad is not None))


def test_the_clip_factor_is_the_norm_after_over_the_norm_before(lesson: Lesson) -> None:
    model, criterion = classifier(), nn.CrossEntropyLoss()
    criterion(model(BATCH[0]), BATCH[1]).backward()
    before = norm_of(model)
    lesson.train(model, criterion, [BATCH], clip=0.05)
    assert lesson.values("gradient_norm_unclipped")[0] == pytest.approx(before, rel=1e-5)
    assert lesson.values("gradient_clip_factor")[0] == pytest.approx(0.05 / before, rel=1e-4)
    assert lesson.values("gradient_norm_total")[0] == pytest.approx(0.05, rel=1e-4)


def test_without_clipping_the_factor_is_one_and_nothing_is_carried(lesson: Lesson) -> None:
    lesson.train(classifier(), nn.CrossEntropyLoss(), [BATCH] * 3)
    assert list(lesson.values("gradient_clip_factor").values()) == pytest.approx([1.0] * 3, rel=1e-6)
    assert list(lesson.values("gradient_norm_carried").values()) == [0.0] * 3
    assert list(lesson.values("backward_passes").values()) == [1.0] * 3


@pytest.mark.parametrize("to_none", [True, False])
def test_accumulation_on_purpose_is_several_passes_and_nothing_carried(lesson: Lesson, to_none: bool) -> None:
    model, criterion = classifier(), nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    lesson.run.watch(model, optimizer, criterion)
    for _ in range(3):
        optimizer.zero_grad(set_to_none=to_none)
        for _ in range(4):
            (criterion(model(BATCH[0]), BATCH[1]) / 4).backward()
        optimizer.step()
        lesson.settle()
    assert list(lesson.values("backward_passes").values()) == [4.0] * 3
    assert list(lesson.values("gradient_norm_carried").values()) == [0.0] * 3
    assert list(lesson.values("gradient_clip_factor").values()) == pytest.approx([1.0] * 3, rel=1e-6)


def test_a_missing_zero_grad_carries_the_norm_of_the_step_before(lesson: Lesson) -> None:
    model = classifier()
    lesson.train(model, nn.CrossEntropyLoss(), [BATCH] * 4, torch.optim.SGD(model.parameters(), lr=1e-3), keep=True)
    carried, total = lesson.values("gradient_norm_carried"), lesson.values("gradient_norm_total")
    assert carried[0] == 0.0
    assert [carried[at] for at in (1, 2, 3)] == pytest.approx([total[at] for at in (0, 1, 2)], rel=1e-5)
    cosine = lesson.values("gradient_cosine/0.weight")
    assert min(cosine.values()) > 0.99
    assert set(lesson.values("backward_passes").values()) == {1.0}


def test_a_gradient_taken_for_a_penalty_is_no_pass_of_its_own(lesson: Lesson) -> None:
    model, criterion = classifier(), nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    lesson.run.watch(model, optimizer, criterion)
    inputs = BATCH[0].clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(model(inputs).sum(), inputs, create_graph=True)
    (criterion(model(inputs), BATCH[1]) + slope.square().sum()).backward()
    optimizer.step()
    assert list(lesson.values("backward_passes").values()) == [1.0]


def test_two_forward_passes_before_one_backward_are_one_pass(lesson: Lesson) -> None:
    model, criterion = classifier(), nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    lesson.run.watch(model, optimizer, criterion)
    (criterion(model(BATCH[0]), BATCH[1]) + criterion(model(-BATCH[0]), BATCH[1])).backward()
    optimizer.step()
    assert list(lesson.values("backward_passes").values()) == [1.0]


def test_without_the_private_callback_nothing_is_told_and_training_goes_on(
    lesson: Lesson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.autograd.Variable, "_execution_engine", None)
    model = classifier()
    lesson.run.watch(model, torch.optim.SGD(model.parameters(), lr=0.1))
    passes = lesson.run._watches[0]._circumstances._passes
    passes.expect(True)
    assert not passes.on


@pytest.mark.parametrize("to_none", [True, False])
def test_passes_of_another_loss_before_the_gradients_are_zeroed_are_not_those_of_the_step(
    lesson: Lesson, to_none: bool
) -> None:
    model, criterion = classifier(), nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    lesson.run.watch(model, optimizer, criterion)
    for _ in range(3):
        optimizer.zero_grad(set_to_none=to_none)
        for _ in range(2):
            criterion(model(BATCH[0]), BATCH[1]).backward()
        optimizer.step()
        # As a generator's loss runs through a discriminator, and the loss of another model through the same criterion.
        criterion(model(BATCH[0]), BATCH[1]).backward()
        criterion(BATCH[0][:, :3].clone().requires_grad_(), BATCH[1]).backward()
        lesson.settle()
    assert list(lesson.values("backward_passes").values()) == [2.0] * 3
    assert list(lesson.values("gradient_norm_carried").values()) == [0.0] * 3


@pytest.mark.parametrize("to_none", [True, False])
def test_gradients_that_no_optimizer_zeroes_are_not_carried(lesson: Lesson, to_none: bool) -> None:
    model, criterion = classifier(), nn.CrossEntropyLoss()
    last = [*model.parameters()][-1]
    optimizer = torch.optim.SGD([last], lr=0.1)
    lesson.run.watch(model, optimizer, criterion)
    for _ in range(3):
        optimizer.zero_grad(set_to_none=to_none)
        criterion(model(BATCH[0]), BATCH[1]).backward()
        optimizer.step()
        lesson.settle()
    assert norm_of(model) > 2 * float(last.grad.norm())
    assert list(lesson.values("gradient_norm_carried").values()) == [0.0] * 3
    assert list(lesson.values("backward_passes").values()) == [1.0] * 3
