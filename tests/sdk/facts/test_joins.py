"""Where paths through a network meet is counted: what skips layers, and what only looks like it."""

from collections.abc import Callable

import pytest
import torch
from facts.test_wiring import LABELS, Residual, Written
from lesson import Lesson
from torch import nn
from torch.utils.checkpoint import checkpoint


@pytest.mark.parametrize(("kind", "joins"), [(Written, 0), (Residual, 1)])
def test_where_two_paths_meet_is_counted(lesson: Lesson, kind: type[Written], joins: int) -> None:
    lesson.train(kind(torch.relu), nn.CrossEntropyLoss(), [(torch.randn(32, 6), LABELS)] * 3)
    assert lesson.last("wiring")["joins"] == joins


class Tokens(nn.Module):
    """A table of tokens and one of places, and a block with a skip around it or without."""

    def __init__(self, block: Callable[[nn.Module, torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.tokens = nn.Embedding(7, 8)
        self.places = nn.Embedding(6, 8)
        self.inner = nn.Linear(8, 8)
        self.head = nn.Linear(8, 5)
        self.block = block

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        tokens = (inputs.abs() * 2).long().clamp(max=6)
        found = 3.0 * self.tokens(tokens) + self.places(torch.arange(6))[None]
        return self.head(self.block(self.inner, found).mean(1))  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("block", "joins"),
    [
        (lambda inner, x: torch.relu(inner(x)), 0),
        (lambda inner, x: x + torch.relu(inner(x)), 1),
        (lambda inner, x: torch.lerp(x, torch.relu(inner(x)), 0.5), 1),
        (lambda inner, x: checkpoint(lambda y: y + torch.relu(inner(y)), x, use_reentrant=True), 1),
    ],
    ids=["plain", "residual", "residual with a gate", "hidden in a checkpoint"],
)
def test_a_sum_of_tables_is_no_skip_and_what_a_checkpoint_hides_may_be_one(
    lesson: Lesson,
    block: Callable[[nn.Module, torch.Tensor], torch.Tensor],
    joins: int,
) -> None:
    lesson.train(Tokens(block), nn.CrossEntropyLoss(), [(torch.randn(32, 6), LABELS)] * 3)
    assert lesson.last("wiring")["joins"] == joins
