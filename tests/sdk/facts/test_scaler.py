"""GradScaler: its scale as a series, the steps it leaves out as facts, and the clip factor in true units."""

from typing import Any

import pytest
import torch
from lesson import Lesson, classifier
from torch import nn

X, Y = torch.randn(8, 6), torch.randint(0, 3, (8,))


def train(lesson: Lesson, faults: set[int], *, fused: bool = False, clip: float | None = None, steps: int = 6) -> Any:
    model, criterion = classifier(), nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=fused)
    scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
    lesson.run.watch(model, optimizer, criterion)
    for at in range(steps):
        optimizer.zero_grad()
        scaler.scale(criterion(model(X), Y) * (float("inf") if at in faults else 1.0)).backward()
        if clip is not None:
            scaler.unscale_(optimizer)
            torch.nn.utils.clip_grad_norm_(model.parameters(), clip)
        scaler.step(optimizer)
        scaler.update()
        lesson.settle()
    return scaler


@pytest.mark.parametrize("fused", [False, True])
def test_skipped_steps_are_counted_and_the_scale_is_told(lesson: Lesson, fused: bool) -> None:
    scaler = train(lesson, {2, 3}, fused=fused)
    facts = lesson.details("skipped_step")
    assert sum(fact["count"] for fact in facts) == 2
    scale = lesson.values("gradient_scale")
    assert scale[0] == 1024.0 and scale[max(scale)] == scaler.get_scale() == 256.0


def test_steps_skipped_before_the_first_are_counted(lesson: Lesson) -> None:
    train(lesson, {0, 1, 2})
    (fact,) = lesson.details("skipped_step")
    assert fact == {"count": 3, "scale": 128.0}


def test_a_step_skipped_between_samples_is_noticed_by_its_forward_pass(lesson: Lesson) -> None:
    model, criterion = classifier(), nn.CrossEntropyLoss()
    optimizer, scaler = torch.optim.SGD(model.parameters(), lr=1e-3), torch.amp.GradScaler("cpu", init_scale=1024.0)
    lesson.run.watch(model, optimizer, criterion, log_freq=1000)
    for at in range(8):
        optimizer.zero_grad()
        scaler.scale(criterion(model(X), Y) * (float("inf") if at == 4 else 1.0)).backward()
        scaler.step(optimizer)
        scaler.update()
    lesson.settle()
    (fact,) = lesson.transport.facts("skipped_step") if lesson.details("skipped_step") else ()
    assert fact["step"] == 4 and fact["details"] == {"count": 1, "scale": 512.0}


def test_clipping_is_told_in_unscaled_units(lesson: Lesson) -> None:
    train(lesson, set(), clip=0.01)
    factor, before = lesson.values("gradient_clip_factor"), lesson.values("gradient_norm_unclipped")
    assert factor[0] == pytest.approx(0.01 / before[0], rel=1e-3)
    assert 0.1 < before[0] < 10


def test_without_clipping_scaled_gradients_have_the_factor_one(lesson: Lesson) -> None:
    train(lesson, set(), fused=True)
    assert list(lesson.values("gradient_clip_factor").values()) == pytest.approx([1.0] * 6, rel=1e-5)
