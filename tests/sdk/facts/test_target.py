"""The `target` fact and series of a regression."""

import pytest
import torch
from lesson import Lesson, classifier
from torch import nn


def test_the_scale_of_targets_and_of_each_unit_is_told(lesson: Lesson) -> None:
    scale = torch.tensor([1.0, 50.0, 1000.0])
    batches = [(torch.randn(16, 6), torch.randn(16, 3) * scale + 4) for _ in range(2)]
    lesson.train(classifier(), nn.MSELoss(), batches)
    whole = torch.cat([targets for _, targets in batches]).double()
    std = whole.std(0, unbiased=False)
    fact = lesson.last("target")
    assert fact["looks"] == 2 and fact["count"] == 96 and fact["units"] == 3 and not fact["constant"]
    assert fact["mean"] == pytest.approx(float(whole.mean()))
    assert fact["std"] == pytest.approx(float(whole.std(unbiased=False)))
    assert (fact["unit_std_min"], fact["unit_std_max"]) == pytest.approx((float(std.min()), float(std.max())))
    assert lesson.values("target_std")[1] == pytest.approx(float(batches[1][1].std(unbiased=False)), rel=1e-5)


def test_a_constant_target_shows(lesson: Lesson) -> None:
    lesson.train(classifier(), nn.MSELoss(), [(torch.randn(16, 6), torch.full((16, 3), 2.5))])
    assert lesson.last("target")["constant"]
