"""A run: its arguments, its clock, what may be logged, and what is counted instead."""

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import trainvitals as tv
from trainvitals.transport.memory import MemoryTransport


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"mode": "sometimes"}, "mode='sometimes'"),
        ({"resume": "maybe"}, "resume='maybe'"),
        ({"resume": "must"}, "needs id"),
        ({"on_critical": "explode"}, "on_critical"),
        ({"server": "localhost:8765"}, "is no address"),
        ({"project": ""}, "project needs"),
        ({"name": "x" * 300}, "name needs"),
        ({"name": 3}, "name=3 is no text"),
        ({"id": "../up"}, "may have"),
        ({"tags": "one"}, "must be a list"),
        ({"config": 3}, "config must be a dictionary"),
        ({"tags": None}, "must be a list"),
        ({"tags": 3}, "must be a list"),
        ({"project": None}, "project=None is no text"),
        ({"server": 8765}, "server=8765 is no text"),
        ({"api_key": 5}, "api_key=5 is no text"),
        ({"dir": 5}, "dir=5 is no text"),
    ],
)
def test_wrong_arguments_are_said(options: dict[str, Any], says: str) -> None:
    with pytest.raises(tv.Error, match=says):
        tv.init(**options)


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(tv.Error, match="cannot be written"):
        tv.init(mode="offline", dir=tmp_path / "file")


def test_odd_configs_become_json(transport: MemoryTransport, capsys: pytest.CaptureFixture[str]) -> None:
    config = {"lr": float("nan"), "top": {"x": float("-inf")}, "size": np.int64(3), "net": nn.Linear, "n": [1, {2}]}
    with tv.init(transport=transport, config=config) as run:
        assert run.config["lr"] == "nan" and run.config["top"] == {"x": "-inf"} and run.config["size"] == 3
        assert "Linear" in run.config["net"] and run.config["n"] == [1, [2]]
        with pytest.raises(TypeError):
            run.config["lr"] = 1  # type: ignore[index]
    assert capsys.readouterr().err.count("not finite, stored as text: lr, top.x") == 1
    with tv.init(transport=transport, config=SimpleNamespace(lr=2)) as run:
        assert run.config == {"lr": 2}


def test_the_module_acts_on_the_latest_run(transport: MemoryTransport) -> None:
    other = MemoryTransport()
    first = tv.init(project="one", transport=transport)
    second = tv.init(project="two", transport=other)
    tv.log({"loss": 2.0})
    first.log({"loss": 1.0})
    tv.alert("hello", "there", level="warn")
    tv.finish()
    assert (first.status, second.status) == ("running", "finished")
    first.finish()
    assert (transport.values("loss"), other.values("loss")) == ({0: 1.0}, {0: 2.0})
    assert other.alerts == [{"title": "hello", "text": "there", "level": "warn", "step": 0}]


def test_a_disabled_run_does_nothing(tmp_path: Path) -> None:
    run = tv.init(mode="disabled", dir=tmp_path)
    model = nn.Linear(2, 2)
    run.watch(model)
    run.log({"loss": 1.0})
    run.alert("x")
    run.finish()
    assert run.url is None and run.id == "disabled" and not model._forward_hooks
    assert list(tmp_path.iterdir()) == [] and isinstance(run, tv.Run)


def test_without_an_optimizer_each_log_is_a_step_from_0(run: tv.Run, transport: MemoryTransport) -> None:
    for value in (3.0, 2.0, 1.0):
        run.log({"loss": value})
    run.finish()
    assert transport.values("loss") == {0: 3.0, 1: 2.0, 2: 1.0}


def test_with_an_optimizer_values_belong_to_the_step_last_completed(run: tv.Run, transport: MemoryTransport) -> None:
    model = nn.Linear(2, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    run.watch(model, optimizer)
    run.log({"before": 1.0})
    for value in (0.0, 1.0, 2.0):
        model(torch.ones(1, 2)).sum().backward()
        optimizer.step()
        run.log({"loss": value})
        run.log({"accuracy": value})
    run.finish()
    assert transport.values("before") == {0: 1.0}
    assert transport.values("loss") == transport.values("accuracy") == {0: 0.0, 1: 1.0, 2: 2.0}


def test_explicit_steps_may_come_late_and_the_last_write_wins(run: tv.Run, transport: MemoryTransport) -> None:
    for step, value in ((5, 1.0), (3, 2.0), (9, 3.0), (9, 4.0)):
        run.log({"loss": value}, step=step)
    run.log({"loss": 5.0, "other": 1.0}, step=9)
    run.finish()
    assert transport.values("loss") == {5: 1.0, 3: 2.0, 9: 5.0}
    # The third write of step 9 stands in another frame: the server sees it replace the second, and counts it.
    assert run.dropped["replaced"] == 1


@pytest.mark.parametrize("step", [-1, 1.5, "7", 2**53 + 1, True])
def test_steps_that_are_none_are_counted_and_said_once(
    run: tv.Run, transport: MemoryTransport, step: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    run.log({"loss": 1.0}, step=step)
    run.log({"loss": 1.0}, step=step)
    run.finish()
    assert "loss" not in transport.series() and run.dropped == {"step_not_valid": 2}
    assert capsys.readouterr().err.count("is no whole number") == 1
    assert transport.reports[-1].dropped == {"step_not_valid": 2}


def test_numbers_of_every_kind_may_be_logged(run: tv.Run, transport: MemoryTransport) -> None:
    parameter = torch.tensor([2.5], requires_grad=True)
    values = {"a": 1, "b": np.float32(0.5), "c": torch.tensor(3, dtype=torch.int64), "d": parameter, "e": True}
    run.log({**values, "f": np.array([[4.0]]), "g": float("nan"), "h": torch.tensor(1.5, dtype=torch.bfloat16)})
    run.log({"train": {"loss": 1.0, "deep": {"er": 2.0}}}, step=0)
    run.finish()
    found = {key: transport.values(key)[0] for key in "abcdefh"}
    assert found == {"a": 1.0, "b": 0.5, "c": 3.0, "d": 2.5, "e": 1.0, "f": 4.0, "h": 1.5}
    assert np.isnan(transport.values("g")[0])
    assert transport.values("train/deep/er") == {0: 2.0}


def test_what_is_no_number_is_counted_and_said_once(
    run: tv.Run, transport: MemoryTransport, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        run.log({"loss": 1.0, "name": "text", "many": torch.ones(3), "none": None})
    run.log("loss")  # type: ignore[arg-type]
    run.finish()
    assert transport.series() == {"loss"} and run.dropped == {"not_a_number": 7}
    assert capsys.readouterr().err.count("name: a str cannot be logged") == 1


def test_a_metric_named_like_a_statistic_gets_a_prefix(
    run: tv.Run, transport: MemoryTransport, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        run.log({"learning_rate": 1.0, "weight_norm/x": 2.0, "criterion_loss": 3.0, "system/load": 4.0})
        run.log({"eval/activation_std/x": 1.0, "weight/x": 1.0, "gradient/x": tv.Histogram([1.0])})
        run.log({"eval/accuracy": 1.0, "weight": 2.0, "activation_stdx/y": 3.0})
    run.finish()
    names = {"learning_rate", "weight_norm/x", "criterion_loss", "system/load", "eval/activation_std/x", "weight/x"}
    assert {f"metric/{name}" for name in names} | {"eval/accuracy", "weight", "activation_stdx/y"} <= transport.series()
    assert {found.key for report in transport.reports for found in report.histograms} == {"metric/gradient/x"}
    assert capsys.readouterr().err.count("has the name of a series") == len(names) + 1


def test_a_histogram_keeps_its_own_edges(run: tv.Run, transport: MemoryTransport) -> None:
    run.log({"h": tv.Histogram([0.0, 1.0, 2.0, float("nan")], bins=2)})
    run.log({"i": tv.Histogram(np_histogram=([1, 0, 3], [0.0, 1.0, 4.0, 9.0]))})
    run.finish()
    h, i = [histogram for report in transport.reports for histogram in report.histograms]
    assert h.edges is not None and h.edges.tolist() == [0.0, 1.0, 2.0]
    assert (h.dense().tolist(), h.nonfinite) == ([1, 2], 1)
    assert i.edges is not None and (i.dense().tolist(), i.edges.tolist()) == ([1, 0, 3], [0.0, 1.0, 4.0, 9.0])


@pytest.mark.parametrize("wrong", [([1, 2], [0.0, 1.0]), ([1], [1.0, 0.0]), ([-1], [0.0, 1.0])])
def test_a_histogram_that_does_not_fit_says_so(wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"histogram|edges"):
        tv.Histogram(np_histogram=wrong)


def test_values_after_the_end_are_counted(run: tv.Run) -> None:
    run.finish()
    run.log({"loss": 1.0})
    run.finish()
    assert run.dropped == {"log_after_finish": 1} and run.status == "finished"


def test_a_resumed_run_goes_on_behind_its_last_step(transport: MemoryTransport) -> None:
    transport.next_step = 100
    with tv.init(id="again", resume="allow", transport=transport) as run:
        run.log({"loss": 1.0})
    assert transport.values("loss") == {100: 1.0}


def test_the_random_state_stays_as_it_is(transport: MemoryTransport) -> None:
    import random

    before = (random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist())  # type: ignore[index]
    with tv.init(transport=transport) as run:
        run.log({"loss": 1.0})
    after = (random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist())  # type: ignore[index]
    assert before == after


def test_the_criterion_is_told_as_a_fact_and_its_output_as_a_metric(run: tv.Run, transport: MemoryTransport) -> None:
    model, criterion = nn.Linear(4, 3), nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    run.watch(model, criterion, optimizer)
    labels = torch.tensor([0, 0, 2, 1])
    for size in (4, 4, 3):
        criterion(model(torch.ones(size, 4)), labels[:size]).backward()
        optimizer.step()
    run.finish()
    (fact,) = transport.facts("criterion")
    assert fact["type"] == "CrossEntropyLoss" and fact["step"] == 0
    assert fact["details"]["classes"] == 3 and fact["details"]["label_counts"] == {"0": 2, "1": 1, "2": 1}
    assert fact["details"]["output_shape"] == [4, 3] and fact["details"]["target_dtype"] == "int64"
    assert set(transport.values("criterion_loss")) == {0, 1, 2}
    (settings,) = transport.facts("optimizer")
    assert settings["type"] == "SGD" and settings["details"]["groups"][0]["momentum"] == 0.9


def test_a_regression_target_is_told_by_mean_and_spread(run: tv.Run, transport: MemoryTransport) -> None:
    model, criterion = nn.Linear(4, 1), nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    run.watch(model, optimizer, criterion)
    target = torch.tensor([[1.0], [3.0]])
    criterion(model(torch.ones(2, 4)), target).backward()
    optimizer.step()
    run.finish()
    details = transport.facts("criterion")[0]["details"]
    assert (details["target_mean"], details["target_std"]) == (2.0, 1.0) and "classes" not in details


def test_the_first_value_that_is_not_finite_is_told_with_its_place(run: tv.Run, transport: MemoryTransport) -> None:
    model = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    run.watch(model, optimizer, log_freq=1)
    with torch.no_grad():
        model[2].bias[0] = float("inf")
    loss = model(torch.ones(2, 4)).sum()
    loss.backward()
    optimizer.step()
    run.log({"loss": loss})
    run.finish()
    found = {fact["where"]: (fact["owner"], fact["step"]) for fact in transport.facts("nonfinite")}
    assert found == {"loss": ("loss", 0), "activation": ("2", 0), "weight": ("2.bias", 0)}
    assert transport.values("nonfinite_count/2") == {0: 2.0}


def test_include_and_exclude_choose_by_pattern(run: tv.Run, transport: MemoryTransport) -> None:
    model = nn.ModuleDict({"body": nn.Linear(2, 2), "head": nn.Linear(2, 2), "other": nn.Linear(2, 2)})
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    run.watch(model, optimizer, include=["body*", "head*"], exclude=["*.bias"])
    model["head"](model["body"](torch.ones(1, 2))).sum().backward()
    optimizer.step()
    run.finish()
    norms = {key for key in transport.series() if key.startswith("weight_norm")}
    assert norms == {"weight_norm/body.weight", "weight_norm/head.weight"}


@pytest.mark.parametrize(
    ("log", "families"),
    [("activations", {"activation"}), ("gradients", {"gradient"}), ("parameters", {"weight", "update"}), (None, set())],
)
def test_log_chooses_the_families(run: tv.Run, transport: MemoryTransport, log: Any, families: set[str]) -> None:
    model = nn.Linear(2, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    run.watch(model, optimizer, log=log)
    model(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    run.finish()
    found = {key.partition("_")[0] for key in transport.series() if "/" in key and not key.startswith("nonfinite")}
    assert found - {"system/cpu", "system/process", "system/memory"} == families
    assert transport.values("learning_rate") == {0: pytest.approx(0.1)}


def test_log_freq_samples_each_so_many_steps(run: tv.Run, transport: MemoryTransport) -> None:
    model = nn.Linear(2, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    run.watch(model, optimizer, log_freq=4)
    for _ in range(9):
        model(torch.ones(1, 2)).sum().backward()
        optimizer.step()
    run.finish()
    assert set(transport.values("weight_norm/weight")) == {0, 4, 8}
    assert transport.reports[-1].capture["mode"] == "fixed" and transport.reports[-1].capture["samples"] == 1024


def test_a_tensor_is_told_as_it_was_when_it_was_logged_and_never_waited_for(
    run: tv.Run, transport: MemoryTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers: list[str] = []
    for name in ("item", "__float__", "tolist", "cpu", "numpy", "__bool__"):
        original = getattr(torch.Tensor, name)

        def reading(self: Any, *arguments: Any, original: Any = original, **options: Any) -> Any:
            readers.append(threading.current_thread().name)
            return original(self, *arguments, **options)

        monkeypatch.setattr(torch.Tensor, name, reading)
    model, criterion = nn.Linear(2, 1), nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    run.watch(model, optimizer, criterion, log_freq=1)
    before = len(readers)
    loss = torch.ones(())
    for _ in range(3):
        criterion(model(torch.ones(1, 2)), torch.ones(1, 1)).backward()
        optimizer.step()
        run.log({"loss": loss, "one": torch.ones(1, requires_grad=True)})
        loss += 1
    assert threading.current_thread().name not in readers[before:]
    run.finish()
    assert transport.values("loss") == {0: 1.0, 1: 2.0, 2: 3.0}


def test_a_loss_that_is_a_tensor_is_judged_too(run: tv.Run, transport: MemoryTransport) -> None:
    seen: list[float] = []
    run.watch(nn.Linear(2, 2))
    alarm = run._watches._loss_alarm
    alarm.see = lambda value: seen.append(value)  # type: ignore[method-assign,func-returns-value]
    for value in (1.0, float("nan")):
        run.log({"train_loss": torch.tensor(value), "train/loss": 7.0})
    run.finish()
    assert seen[0] == 1.0 and np.isnan(seen[1]) and len(seen) == 2
    assert [(fact["where"], fact["owner"], fact["step"]) for fact in transport.facts("nonfinite")] == [
        ("loss", "train_loss", 1)
    ]


def test_a_warning_that_became_critical_takes_its_own_place(run: tv.Run, transport: MemoryTransport) -> None:
    for severity, identity in (("warning", "a"), ("note", "b"), ("critical", "a")):
        entry: Any = {"id": identity, "severity": severity, "rule": "r"}
        transport.answers.append([entry])
        run.log({"loss": 1.0})
        run._sender.tick()
    assert [(entry["id"], entry["severity"]) for entry in run.warnings] == [("a", "critical"), ("b", "note")]


def test_one_pattern_need_not_stand_in_a_list(run: tv.Run, transport: MemoryTransport) -> None:
    model = nn.ModuleDict({"body": nn.Linear(2, 2), "head": nn.Linear(2, 2)})
    run.watch(model, include="head*", exclude="*.bias")  # type: ignore[arg-type]
    model["head"](model["body"](torch.ones(1, 2))).sum().backward()
    run.log({"loss": 1.0})
    run.finish()
    assert {key for key in transport.series() if key.startswith("weight_norm")} == {"weight_norm/head.weight"}


def test_what_comes_after_the_end_is_counted(run: tv.Run, transport: MemoryTransport) -> None:
    run.finish()
    run.alert("late")
    assert run.dropped == {"alert_after_finish": 1} and transport.alerts == []


@pytest.mark.parametrize("values", [[1e16, 1e16 + 2], [-1e308, 1e308], [5.0], [], [float("nan")], [0.0, 5e-324]])
def test_a_histogram_takes_any_range(values: list[float]) -> None:
    found = tv.Histogram(values)
    assert found.counts.sum() == np.isfinite(values).sum()
    assert (np.diff(found.edges) > 0).all()
