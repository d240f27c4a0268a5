"""The guard: faults of the SDK never reach the training, are counted, and end the watch when there are too many."""

import pytest
import torch
from torch import nn

import trainvitals as tv
from trainvitals.capture import criterion, taker
from trainvitals.capture.switch import FAULTS_MAX
from trainvitals.guard import Guard
from trainvitals.transport.memory import MemoryTransport


def test_faults_are_counted_and_said_at_most_once_a_minute(capsys: pytest.CaptureFixture[str]) -> None:
    now = [0.0]
    guard = Guard("count", clock=lambda: now[0])
    for now[0] in (0.0, 1.0, 59.0, 61.0):
        guard.caught("hook", ValueError("odd"))
    assert guard.counts() == {"hook": 4}
    assert capsys.readouterr().err.count("ValueError: odd") == 2


def test_under_test_a_fault_is_raised_again() -> None:
    guard = Guard("raise")
    with pytest.raises(ValueError, match="odd"):
        guard.caught("hook", ValueError("odd"))


def test_training_goes_on_when_hooks_fail_and_after_twenty_the_watch_turns_itself_off(
    transport: MemoryTransport, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRAINVITALS_ON_FAULT", "count")

    def broken(output: object) -> None:
        raise RuntimeError("broken hook")

    monkeypatch.setattr(taker, "first_floating", broken)
    model = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with tv.init(transport=transport) as run:
        run.watch(model, optimizer, log_freq=1)
        for _ in range(30):
            assert run._watches[0]._worker.settle(30)
            model(torch.ones(1, 2)).sum().backward()
            optimizer.step()
            run.log({"loss": 1.0})
    assert len(transport.values("loss")) == 30
    assert transport.reports[-1].dropped["hook"] == FAULTS_MAX
    (fact,) = transport.facts("watch_off")
    assert "broken hook" in fact["details"]["reason"]
    assert transport.reports[-1].capture["mode"] == "off"
    assert capsys.readouterr().err.count("turned itself off") == 1


def test_a_criterion_that_cannot_be_read_ends_the_watch_too_and_leaves_the_clock(
    transport: MemoryTransport, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRAINVITALS_ON_FAULT", "count")
    monkeypatch.setattr(criterion, "number", lambda value: 1 / 0)
    model, loss = nn.Linear(2, 1), nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with tv.init(transport=transport) as run:
        run.watch(model, optimizer, loss)
        for _ in range(30):
            loss(model(torch.ones(1, 2)), torch.ones(1, 1)).backward()
            optimizer.step()
            run.log({"loss": 1.0})
    assert set(transport.values("loss")) == set(range(30))
    assert run.dropped["hook"] == FAULTS_MAX
    assert not loss._forward_hooks
    assert capsys.readouterr().err.count("turned itself off") == 1
