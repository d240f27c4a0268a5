"""What is said of a batch whose loss broke between two samples."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

import trainvitals as tv
from trainvitals.transport.memory import MemoryTransport

Settle = Callable[[], None]
AT = 25


class Root(nn.Module):
    """Takes the root of negative numbers while `broken`."""

    broken = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return (x.sigmoid() - 2).sqrt() if self.broken else x.relu()


def train(run: tv.Run, settle: Settle, fault: str, *, criterion: bool = True) -> None:
    """25 steps, of which the last is not sampled, and its loss not finite."""
    root = Root()
    model, loss_of = nn.Sequential(nn.Linear(6, 8), root, nn.Linear(8, 3)), nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    run.watch(model, optimizer, loss_of if criterion else None, log_freq=1000)
    for step in range(AT + 1):
        inputs, targets = torch.randn(4, 6), torch.randn(4, 3)
        if step == AT:
            root.broken = fault == "layer"
            inputs[2, 1] = torch.nan if fault == "input" else 0.0
            targets[0, 2] = torch.inf if fault == "target" else 0.0
        loss = loss_of(model(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss})
    settle()
    run.finish()


def counts(transport: MemoryTransport) -> list[tuple[int, dict[str, Any]]]:
    facts = [fact for fact in transport.facts("nonfinite") if fact["where"] == "loss" and "details" in fact]
    return [(fact["step"], fact["details"]["nonfinite"]) for fact in facts]


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        ("layer", {"input": 0, "output": 12, "target": 0}),
        ("input", {"input": 1, "output": 3, "target": 0}),
        ("target", {"input": 0, "output": 0, "target": 1}),
    ],
)
def test_input_output_and_target_of_the_very_step_are_counted(
    run: tv.Run, transport: MemoryTransport, settle: Settle, fault: str, found: dict[str, int]
) -> None:
    train(run, settle, fault)
    assert counts(transport) == [(AT, found)]


def test_an_input_is_named_with_its_element_once(run: tv.Run, transport: MemoryTransport, settle: Settle) -> None:
    train(run, settle, "input")
    (fact,) = [fact for fact in transport.facts("nonfinite") if fact["where"] == "input"]
    assert (fact["step"], fact["details"]["index"], fact["details"]["value"]) == (AT, [2, 1], "nan")


def test_without_a_criterion_the_input_that_the_script_still_holds_is_counted(
    run: tv.Run, transport: MemoryTransport, settle: Settle
) -> None:
    train(run, settle, "layer", criterion=False)
    assert counts(transport) == [(AT, {"input": 0})]


def test_an_input_is_not_kept_alive(run: tv.Run) -> None:
    model = nn.Linear(6, 3)
    run.watch(model, torch.optim.SGD(model.parameters(), lr=1e-3), log_freq=1000)
    breakdown = run._watches[0]._breakdown
    inputs = torch.randn(4, 6)
    model(inputs)
    assert breakdown._remembered() is inputs
    del inputs
    assert breakdown._remembered() is None
