"""Which step a number belongs to, with several models, optimizers and odd steps."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import trainvitals as tv
from trainvitals.clock import checked_step
from trainvitals.transport.memory import MemoryTransport


@pytest.mark.parametrize("step", [3, 3.0, np.int64(3), np.float32(3.0), np.float64(3), torch.tensor(3)])
def test_whole_numbers_of_every_kind_are_steps(step: Any) -> None:
    assert checked_step(step) == 3


@pytest.mark.parametrize("step", [-1, 1.5, np.float32(1.5), float("nan"), float("inf"), "3", None, [3], True, 2**60])
def test_everything_else_is_none(step: Any) -> None:
    assert checked_step(step) is None


def trained(run: tv.Run, models: list[nn.Module], optimizer: Any, count: int = 3) -> None:
    for _ in range(count):
        optimizer.zero_grad()
        sum(model(torch.ones(2, 2)).sum() for model in models).backward()  # type: ignore[union-attr]
        optimizer.step()
        run.log({"loss": 1.0})


def test_two_models_of_one_optimizer_have_the_same_steps(run: tv.Run, transport: MemoryTransport) -> None:
    first, second = nn.Linear(2, 2), nn.Linear(2, 2)
    optimizer = torch.optim.SGD([*first.parameters(), *second.parameters()], lr=0.1)
    run.watch(first, optimizer, name="first", log_freq=1)
    run.watch(second, optimizer, name="second", log_freq=1)
    trained(run, [first, second], optimizer)
    run.finish()
    for key in ("update_ratio/first.weight", "update_ratio/second.weight", "activation_std/second"):
        assert set(transport.values(key)) == {0, 1, 2}, key
    assert set(transport.values("step_seconds")) == {1, 2}


def test_a_second_model_without_an_optimizer_follows_the_first_ones_steps(
    run: tv.Run, transport: MemoryTransport
) -> None:
    first, second = nn.Linear(2, 2), nn.Linear(2, 2)
    optimizer = torch.optim.SGD([*first.parameters(), *second.parameters()], lr=0.1)
    run.watch(first, optimizer, name="first", log_freq=1)
    run.watch(second, name="second", log_freq=1)
    trained(run, [first, second], optimizer)
    run.finish()
    for key in ("activation_std/second", "gradient_norm/second.weight", "weight_norm/second.weight"):
        assert set(transport.values(key)) == {0, 1, 2}, key
    assert set(transport.values("step_seconds")) == {1, 2} and "replaced" not in run.dropped


def test_a_second_model_of_the_same_names_gets_a_prefix_of_its_own(
    run: tv.Run, transport: MemoryTransport, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = nn.Sequential(nn.Linear(2, 2)), nn.Sequential(nn.Linear(2, 2))
    optimizer = torch.optim.SGD([*first.parameters(), *second.parameters()], lr=0.1)
    run.watch(first, optimizer, log_freq=1)
    run.watch(second, optimizer, log_freq=1)
    run.watch(first, optimizer, log_freq=1)
    trained(run, [first, second], optimizer, count=1)
    run.finish()
    assert {"weight_norm/0.weight", "weight_norm/Sequential2.0.weight"} <= transport.series()
    assert capsys.readouterr().err.count("begin with 'Sequential2'") == 1


def test_unwatching_gives_the_clock_back_to_log(run: tv.Run, transport: MemoryTransport) -> None:
    model = nn.Linear(2, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    run.watch(model, optimizer)
    trained(run, [model], optimizer, count=2)
    run.unwatch()
    for _ in range(2):
        run.log({"after": 1.0})
    run.finish()
    assert set(transport.values("after")) == {2, 3}


def test_criterion_and_optimizer_are_told_apart_in_any_order(run: tv.Run, transport: MemoryTransport) -> None:
    model, criterion = nn.Linear(2, 1), nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    run.watch(model, criterion, optimizer)
    criterion(model(torch.ones(1, 2)), torch.ones(1, 1)).backward()
    optimizer.step()
    run.finish()
    assert {"learning_rate", "criterion_loss"} <= transport.series()
    assert transport.facts("criterion")[0]["type"] == "MSELoss"


def test_a_criterion_alone_leaves_the_clock_to_log(run: tv.Run, transport: MemoryTransport) -> None:
    model, criterion = nn.Linear(2, 1), nn.MSELoss()
    run.watch(model, criterion)
    for _ in range(3):
        run.log({"distance": criterion(model(torch.ones(1, 2)), torch.ones(1, 1))})
    run.finish()
    assert set(transport.values("distance")) == set(transport.values("criterion_loss")) == {0, 1, 2}
    assert "learning_rate" not in transport.series()
