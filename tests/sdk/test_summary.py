"""`run.summary`: what was set is sent as it was set, what was logged reads well and is left to the server."""

import pytest
import torch
from torch import nn

import trainvitals as tv
from trainvitals.transport.memory import MemoryTransport


def test_only_what_the_user_set_is_sent(run: tv.Run, transport: MemoryTransport) -> None:
    run.log({"loss": 2.0})
    run.summary["best"] = {"loss": 0.5, "at": [1, float("nan")]}
    run.summary.update(note="good")
    run.finish()
    assert transport.changes[-1] == {
        "status": "finished",
        "summary": {"best": {"loss": 0.5, "at": [1, "nan"]}, "note": "good"},
    }


def test_nothing_is_sent_where_nothing_was_set(run: tv.Run, transport: MemoryTransport) -> None:
    run.log({"loss": 2.0})
    run.finish()
    assert transport.changes == [{"status": "finished"}]


def test_it_reads_the_last_least_and_greatest_of_every_metric(run: tv.Run) -> None:
    for step, value in ((0, 3.0), (9, 1.0), (4, 2.0), (10, float("nan"))):
        run.log({"loss": value}, step=step)
    run.log({"loss": 7.0, "accuracy": 0.5}, step=8)
    run.finish()
    assert run.summary["loss"] == {"last": None, "min": 1.0, "max": 7.0}
    assert run.summary["accuracy"] == {"last": 0.5, "min": 0.5, "max": 0.5}
    assert {"loss", "accuracy"} == set(run.summary)


def test_what_the_user_sets_stands_over_the_metric_of_that_name(run: tv.Run) -> None:
    run.summary["loss"] = "mine"
    run.log({"loss": 2.0})
    run.finish()
    assert run.summary["loss"] == "mine" and dict(run.summary) == {"loss": "mine"}


def trained(run: tv.Run, *, logs_loss: bool) -> None:
    torch.manual_seed(0)
    model, criterion = nn.Linear(2, 1), nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    run.watch(model, optimizer, criterion)
    for _ in range(5):
        loss = criterion(model(torch.ones(1, 2)), torch.zeros(1, 1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if logs_loss:
            run.log({"accuracy": 0.5, "loss": loss})
    run.finish()


def test_the_closing_line_tells_last_values_and_the_criterion_only_without_a_loss(
    transport: MemoryTransport, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = tv.init(transport=transport), tv.init(transport=MemoryTransport())
    trained(first, logs_loss=True)
    trained(second, logs_loss=False)
    last = first.summary["loss"]["last"]
    assert last == transport.values("loss")[4] == transport.values("criterion_loss")[4]
    said = [line for line in capsys.readouterr().err.splitlines() if " finished after " in line]
    assert f"; loss {last:.4g}, accuracy 0.5; no incidents" in said[0]
    assert f"; criterion_loss {last:.4g}; no incidents" in said[1]


def test_a_thousand_metrics_make_no_endless_line(
    transport: MemoryTransport, capsys: pytest.CaptureFixture[str]
) -> None:
    with tv.init(transport=transport) as run:
        run.log({f"m{place}": 1.0 for place in range(1000)} | {"loss": 1.0})
    assert "; loss 1, m0 1, " in (said := capsys.readouterr().err) and ", 993 more; no incidents" in said


def test_it_reads_what_watching_costs_and_how_often_it_samples(run: tv.Run, transport: MemoryTransport) -> None:
    assert "overhead_fraction" not in run.summary and "capture" not in run.summary
    trained(run, logs_loss=False)
    assert 0 < run.summary["overhead_fraction"] < 1
    assert run.summary["overhead_fraction"] == pytest.approx(list(transport.values("overhead_fraction").values())[-1])
    capture = run.summary["capture"]
    assert (capture["interval"], capture["mode"]) == (1, "dense") and "overhead_fraction" not in capture
    assert "summary" not in transport.changes[-1]
