"""A loss that jumps or is not finite is followed by deep samples at once, however short the steps are."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

import trainvitals as tv
from trainvitals.transport.memory import MemoryTransport

QUIET = 60
"""A step that no sample falls on with `log_freq=50`."""
As = Callable[[torch.Tensor], Any]


def train(run: tv.Run, spoil: Callable[[nn.Module, int], float], log: As, criterion: Any, *, steps: int = 64) -> None:
    """`spoil(model, step)` does harm before the step and says what the loss is multiplied with."""
    model = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 8))
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-4)
    run.watch(model, optimizer, *([criterion] if isinstance(criterion, nn.Module) else []), log_freq=50)
    x, y = torch.randn(16, 8), torch.randn(16, 8)
    for step in range(steps):
        factor = spoil(model, step)
        loss = factor * criterion(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        log(loss)
    run.finish()


def deep(transport: MemoryTransport) -> list[int]:
    return sorted({histogram.step for report in transport.reports for histogram in report.histograms})


def spike(model: nn.Module, step: int) -> float:
    return 50.0 if step == QUIET else 1.0


def poison(model: nn.Module, step: int) -> float:
    if step == QUIET:
        with torch.no_grad():
            model[2].weight[3, 5] = float("nan")  # type: ignore[index]
    return 1.0


@pytest.mark.parametrize("as_logged", [torch.Tensor.detach, torch.Tensor.item, torch.Tensor.bfloat16])
def test_the_step_behind_a_spike_is_a_deep_one(run: tv.Run, transport: MemoryTransport, as_logged: As) -> None:
    train(run, spike, lambda loss: run.log({"loss": as_logged(loss)}), nn.functional.mse_loss)
    assert deep(transport) == [0, QUIET + 1]


@pytest.mark.parametrize("name", ["Loss/train", "total_loss"])
def test_a_loss_is_known_by_the_names_that_people_give_it(run: tv.Run, transport: MemoryTransport, name: str) -> None:
    train(run, spike, lambda loss: run.log({"lr": 1e-4, name: loss.item()}), nn.functional.mse_loss)
    assert deep(transport) == [0, QUIET + 1]


@pytest.mark.parametrize("name", ["loss_recon", "val_loss", "perplexity"])
def test_what_may_be_a_term_of_the_loss_or_something_else_is_not_taken_for_it(
    run: tv.Run, transport: MemoryTransport, name: str
) -> None:
    train(run, spike, lambda loss: run.log({name: loss.item()}), nn.functional.mse_loss)
    assert deep(transport) == [0]


def test_a_criterion_that_is_not_finite_shows_where_before_the_step_spreads_it(
    run: tv.Run, transport: MemoryTransport
) -> None:
    train(run, poison, lambda loss: run.log({"loss": loss}), nn.MSELoss())
    assert deep(transport) == [0, QUIET, QUIET + 1]
    ((step, owner, details),) = [
        (fact["step"], fact["owner"], fact["details"])
        for fact in transport.facts("nonfinite")
        if fact["where"] == "weight"
    ]
    assert (step, owner, details["exact"], details["index"], details["count"]) == (QUIET, "2.weight", True, [3, 5], 1)
    assert not any(key.startswith("activation") and QUIET in transport.values(key) for key in transport.series())


def test_without_a_logged_loss_the_criterion_is_the_loss(run: tv.Run, transport: MemoryTransport) -> None:
    train(run, poison, lambda loss: None, nn.MSELoss())
    told = [fact for fact in transport.facts("nonfinite") if fact["where"] == "loss"]
    assert {(fact["step"], fact["owner"]) for fact in told} == {(QUIET, "criterion_loss")}


def test_a_loss_that_another_thread_logs_does_not_touch_the_step_being_computed(
    run: tv.Run, transport: MemoryTransport
) -> None:
    def elsewhere(loss: torch.Tensor) -> None:
        thread = threading.Thread(target=run.log, args=({"loss": loss.detach()},))
        thread.start()
        thread.join()

    train(run, spike, elsewhere, nn.functional.mse_loss)
    assert deep(transport) == [0, QUIET + 2] and run.dropped == {}
