"""A loss function that compares each output with all targets shows in the gradient that comes back."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from lesson import Lesson
from torch import nn
from torch.nn import functional

Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def batches(count: int = 8) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    for _ in range(count):
        inputs = torch.randn(32, 6)
        yield inputs, inputs.sum(1) + torch.randn(32)


def shared(lesson: Lesson, loss: Loss, *end: nn.Module) -> dict[str, Any]:
    model = nn.Sequential(nn.Linear(6, 12), nn.ReLU(), nn.Linear(12, 1), *end)
    lesson.train(model, loss, list(batches()))
    return next(iter(lesson.details("shared_target")[-1:]), {"shared": 0})


@pytest.mark.parametrize("loss", [functional.mse_loss, functional.l1_loss, functional.smooth_l1_loss])
@pytest.mark.filterwarnings("ignore:Using a target size")
def test_outputs_in_a_column_against_targets_in_a_row_share_them(lesson: Lesson, loss: Loss) -> None:
    told = shared(lesson, loss)
    # An absolute error is flat between targets: a look at outputs that lie between two of them says nothing.
    assert told["looks"] == told["shared"] >= 4
    assert told["variation"] > 0.01
    assert told["apart"] > 0.01


def test_own_arithmetic_broadcasts_as_well(lesson: Lesson) -> None:
    assert shared(lesson, lambda outputs, targets: (outputs - targets).pow(2).mean())["shared"] == 8


@pytest.mark.filterwarnings("ignore:Using a target size")
def test_the_other_way_round_is_the_same(lesson: Lesson) -> None:
    assert shared(lesson, lambda o, t: functional.mse_loss(o, t[:, None]), nn.Flatten(0))["shared"] == 8


@pytest.mark.parametrize("loss", [functional.mse_loss, functional.l1_loss, functional.smooth_l1_loss])
def test_each_output_against_its_own_target_shares_nothing(lesson: Lesson, loss: Loss) -> None:
    assert shared(lesson, lambda outputs, targets: loss(outputs[:, 0], targets))["shared"] == 0


def test_one_target_for_all_does_not_vary(lesson: Lesson) -> None:
    assert shared(lesson, lambda outputs, _: (outputs - 1).pow(2).mean())["variation"] < 1e-4


def test_outputs_that_are_pulled_to_their_own_mean_have_no_target_apart_from_it(lesson: Lesson) -> None:
    assert shared(lesson, lambda outputs, _: outputs.var())["apart"] < 1e-4
