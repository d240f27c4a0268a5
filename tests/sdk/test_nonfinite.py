"""Where the first value lies that is not finite, and how much of that is known."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

import trainvitals as tv
from trainvitals.transport.memory import MemoryTransport

Settle = Callable[[], None]


class Poison(nn.Module):
    """Puts a value into its output from a step on."""

    def __init__(self, step: int, index: tuple[int, ...], value: float) -> None:
        super().__init__()
        self.step, self.index, self.value, self.now = step, index, value, 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x.clone()
        if self.now >= self.step:
            x[self.index] = self.value
        self.now += 1
        return x


def train(run: tv.Run, model: nn.Module, inputs: torch.Tensor, steps: int, settle: Settle, rate: float = 0.1) -> None:
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    run.watch(model, optimizer, log_freq=1)
    for _ in range(steps):
        optimizer.zero_grad()
        model(inputs).sum().backward()
        optimizer.step()
        settle()
    run.finish()


def told(transport: MemoryTransport, where: str) -> list[tuple[int, str, dict[str, Any]]]:
    facts = [fact for fact in transport.facts("nonfinite") if fact["where"] == where]
    return [(fact["step"], fact["owner"], fact["details"]) for fact in facts]


def test_a_bad_step_names_layer_element_and_value_at_once(
    run: tv.Run, transport: MemoryTransport, settle: Settle
) -> None:
    model = nn.Sequential(nn.Linear(8, 16), Poison(2, (3, 5), float("-inf")), nn.Linear(16, 4))
    train(run, model, torch.randn(32, 8), 11, settle)
    place = {"exact": True, "finite_until": 1, "value": "-inf", "index": [3, 5], "count": 1, "shape": [32, 16]}
    assert told(transport, "activation") == [(2, "1", place)]
    assert transport.values("nonfinite_count/1")[2] == 1
    (step, owner, details), *more = told(transport, "gradient")
    assert (step, owner, details["exact"], details["finite_until"], more) == (2, "2.weight", True, 1, [])
    assert (details["index"], details["count"], details["shape"]) == ([0, 5], 4, [4, 16])


def test_a_weight_is_named_again_when_a_deep_step_has_seen_all_of_them(
    run: tv.Run, transport: MemoryTransport, settle: Settle
) -> None:
    model = nn.Sequential(nn.Linear(8, 16), Poison(2, (3, 5), float("nan")), nn.Linear(16, 4))
    train(run, model, torch.randn(32, 8), 12, settle)
    (first, owner, sampled), (second, spread_to, whole) = told(transport, "weight")
    assert (first, owner) == (3, "2.weight")
    assert sampled == {"exact": False, "finite_until": 2}
    assert (second, spread_to) == (4, "0.weight")
    assert (whole["exact"], whole["finite_until"], whole["index"], whole["value"]) == (True, 2, [5, 0], "nan")


def test_what_a_sample_missed_is_not_claimed_and_told_once_more_by_the_deep_step_it_asks_for(
    run: tv.Run, transport: MemoryTransport, settle: Settle
) -> None:
    model = nn.Sequential(Poison(33, (599, 510), float("inf")), nn.Linear(512, 4))
    train(run, model, torch.zeros(600, 512), 42, settle, rate=0.0)
    (first, owner, seen), (second, origin, located) = told(transport, "activation")
    assert (first, owner, seen["exact"], seen["finite_until"]) == (33, "1", False, 32)
    assert (second, origin, located["exact"], located["index"]) == (35, "0", True, [599, 510])
    assert (located["value"], located["count"], located["shape"]) == ("inf", 1, [600, 512])


def test_a_bad_input_is_located(run: tv.Run, transport: MemoryTransport, settle: Settle) -> None:
    inputs = torch.ones(64, 3, 5)
    inputs[7, 2, 4] = float("nan")
    train(run, nn.Linear(5, 2), inputs, 1, settle)
    place = {"exact": True, "finite_until": None, "value": "nan", "index": [7, 2, 4], "count": 1, "shape": [64, 3, 5]}
    assert told(transport, "input") == [(0, "", place)]


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64])
def test_other_types_are_located_too(
    run: tv.Run, transport: MemoryTransport, settle: Settle, dtype: torch.dtype
) -> None:
    model = nn.Sequential(nn.Linear(4, 4), Poison(0, (1, 1), float("inf"))).to(dtype)
    train(run, model, torch.ones(2, 4, dtype=dtype), 1, settle)
    ((_, owner, details),) = told(transport, "activation")
    assert (owner, details["index"], details["value"]) == ("1", [1, 1], "inf")


def test_a_training_that_diverges_is_described_without_a_warning_of_numpy(
    run: tv.Run, transport: MemoryTransport, settle: Settle
) -> None:
    torch.manual_seed(0)
    model, criterion = nn.Linear(12, 6), nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=10.0)
    run.watch(model, optimizer, criterion, log_freq=1)
    for _ in range(30):
        optimizer.zero_grad()
        criterion(10 * model(torch.randn(16, 12)), torch.randn(16, 6)).backward()
        optimizer.step()
        settle()
    run.finish()
    assert run.dropped == {} and transport.facts("nonfinite")
