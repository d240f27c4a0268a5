"""The judge: reports in, warnings in the shape of the contract out."""

import math
from typing import Any

import numpy as np
import pytest

from trainvitals_server.diagnosis import Judge
from trainvitals_server.diagnosis.block import Block
from trainvitals_server.diagnosis.rules import activation_std
from trainvitals_wire.records import SEVERITIES, Incident, WarningEntry

from .conftest import MakeReport, linear

NAN = math.nan
LAYERS = [linear(f"fc{i}", i) for i in range(8)]


def diverging(report: MakeReport, steps: int = 200) -> Judge:
    """Updates are too large from step 55 on; from 60 on the third and later layers, gradient and loss grow."""
    judge = Judge()
    grown = np.exp(np.clip(np.arange(steps) - 60, 0, 60) / 8)
    series = {f"activation_std/fc{i}": grown if i >= 2 else np.ones(steps) for i in range(8)}
    ratio = np.where(np.arange(steps) < 55, 2e-3, 3e-2)
    series |= {f"update_ratio/fc{i}.weight": ratio for i in range(8)}
    judge.add(report({"loss": 2.3 * grown, "gradient_norm_total": grown, **series}, layers=LAYERS))
    return judge


def test_warnings_have_exactly_the_fields_of_the_contract(report: MakeReport) -> None:
    found = diverging(report).evaluate()
    assert found["warnings"] and found["incidents"]
    for entry in found["warnings"]:
        assert set(entry) == WarningEntry.__required_keys__
        assert entry["summary"] and entry["remedy"] and entry["expect"] and entry["source"] and entry["threshold"]
        assert entry["value"] is None or math.isfinite(entry["value"])
    for incident in found["incidents"]:
        assert set(incident) == set(Incident.__annotations__)


def test_the_worst_come_first_and_then_the_earliest(report: MakeReport) -> None:
    entries = diverging(report).evaluate()["warnings"]
    ranks = [(-SEVERITIES.index(entry["severity"]), entry["first_step"]) for entry in entries]
    assert ranks == sorted(ranks)
    assert entries[0]["severity"] == "critical"


def test_a_run_that_blows_up_is_one_incident_at_the_first_layer_that_grew(report: MakeReport) -> None:
    found = diverging(report).evaluate()
    (incident,) = found["incidents"]
    assert incident["causes"][0]["cause"] == "learning_rate_too_high"
    stds = [w for w in found["warnings"] if w["rule"] == "activation_std" and w["severity"] != "note"]
    assert {w["layer"] for w in stds} == {"fc2", "fc3", "fc4", "fc5", "fc6"}
    assert {w["incident"] for w in stds} == {incident["id"]}
    assert all(60 <= w["first_step"] <= 75 for w in stds)


def test_a_symptom_without_harm_is_a_note_and_no_incident(report: MakeReport) -> None:
    judge = Judge()
    falling = 2.3 * np.exp(-np.arange(200) / 40)
    judge.add(report({"loss": falling, "activation_std/fc1": np.full(200, 3.1)}, layers=LAYERS))
    (warning,) = judge.evaluate()["warnings"]
    assert (warning["rule"], warning["severity"], warning["threshold"]) == ("activation_std", "note", "0.5 to 2.0")
    assert warning["summary"] == "Activation std 3.1 is above 2.0 since step 0"
    assert judge.evaluate()["incidents"] == []


def test_nan_in_forty_layers_names_the_first_layer_and_step(report: MakeReport) -> None:
    layers = [linear(f"fc{i}", i) for i in range(40)]
    judge = Judge()
    series = {f"activation_std/fc{i}": [1.0] * 50 + [NAN if i >= 7 else 1.0] + [NAN] * 9 for i in range(40)}
    judge.add(report({"loss": [1.0] * 50 + [NAN] * 10, **series}, layers=layers))
    found = judge.evaluate()
    (incident,) = found["incidents"]
    assert (incident["layer"], incident["first_step"], incident["severity"]) == ("fc7", 50, "critical")
    assert incident["causes"][0]["cause"] == "unstable_layer"
    assert len(incident["warnings"]) == 1


def test_steps_that_a_grad_scaler_skips_are_no_warning(report: MakeReport) -> None:
    judge = Judge()
    norm = np.ones(200)
    norm[[0, 1, 2, 90]] = math.inf
    judge.add(report({"loss": 2.3 * np.exp(-np.arange(200) / 40), "gradient_norm_total": norm}, layers=LAYERS))
    assert judge.evaluate()["warnings"] == []


def test_infinities_of_a_mask_are_no_warning(report: MakeReport) -> None:
    judge = Judge()
    falling = 2.3 * np.exp(-np.arange(200) / 40)
    judge.add(
        report({"loss": falling, "activation_std/fc1": np.full(200, NAN), "nonfinite_count/fc1": np.full(200, 9.0)})
    )
    assert judge.evaluate()["warnings"] == []


def test_a_dead_end_by_design_is_a_note(report: MakeReport) -> None:
    judge = Judge()
    layers = [linear("body", 0, trainable=False, in_optimizer=False), linear("head", 1)]
    judge.add(report({"loss": 2.3 * np.exp(-np.arange(50) / 40)}, layers=layers))
    (warning,) = judge.evaluate()["warnings"]
    assert (warning["rule"], warning["severity"], warning["layer"]) == ("frozen_parameters", "note", "body")


def test_the_order_of_reports_does_not_matter(report: MakeReport) -> None:
    steps = np.arange(300)
    loss = 2.3 + 0.01 * np.sin(steps * 12.9898)
    reports = [report({"loss": loss[i : i + 50]}, first_step=i, layers=LAYERS) for i in range(0, 300, 50)]
    forward, backward = Judge(), Judge()
    for one, other in zip(reports, reversed(reports), strict=True):
        forward.add(one)
        backward.add(other)
        backward.add(other)
    assert forward.evaluate() == backward.evaluate()
    assert forward.evaluate()["warnings"]


def test_nothing_new_costs_nothing(report: MakeReport, monkeypatch: pytest.MonkeyPatch) -> None:
    judge = diverging(report)
    first = judge.evaluate()
    monkeypatch.setattr(Block, "column", lambda *_: pytest.fail("an evaluation without news reads no series"))
    assert judge.evaluate() is first


def test_an_evaluation_reads_each_series_at_most_once(report: MakeReport, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    column = Block.column

    def counted(block: Block, key: str) -> tuple[np.ndarray, np.ndarray]:
        read.append(key)
        return column(block, key)

    monkeypatch.setattr(Block, "column", counted)
    diverging(report).evaluate()
    assert read
    assert len(read) == len(set(read))


def test_a_rule_that_stands_at_a_hundred_layers_is_asked_at_each_fourth_look_and_still_hears_that_they_heal(
    report: MakeReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    layers, judge = [linear(f"fc{i}", i) for i in range(121)], Judge()
    outside = [f"activation_std/fc{i}" for i in range(120)]

    def looks(from_step: int, value: float) -> list[int]:
        """How many layers stand outside the band at each of eight looks, ten steps each."""
        found = []
        for step in range(from_step, from_step + 80, 10):
            judge.add(report({"loss": np.full(10, 1.0), **dict.fromkeys(outside, np.full(10, value))}, step, layers))
            firing = (w for w in judge.evaluate()["warnings"] if w["rule"] == "activation_std")
            found.append(sum(w["state"] == "firing" for w in firing))
        return found

    asked = [0]
    judged = activation_std.candidates

    def counted(*arguments: Any) -> list[str]:
        asked[0] += 1
        return judged(*arguments)

    monkeypatch.setattr(activation_std, "candidates", counted)
    assert looks(0, 9.0)[-1] == 120
    before = asked[0]
    assert looks(80, 9.0) == [120] * 8
    assert asked[0] - before == 2
    looks(160, 1.0)
    assert looks(240, 1.0)[-1] == 0


def test_a_run_that_is_fine_costs_no_look_at_the_history_of_its_layers(
    report: MakeReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    layers = [linear(f"fc{i}", i) for i in range(50)]
    usual = {"activation_std": 1.0, "dead_unit_fraction": 0.0}
    moves = {"update_ratio": 1e-3, "gradient_norm": 0.1, "weight_std": 0.1}
    series = {f"{name}/fc{i}": np.full(200, value) for name, value in usual.items() for i in range(50)}
    series |= {f"{name}/fc{i}.weight": np.full(200, value) for name, value in moves.items() for i in range(50)}
    judge = Judge()
    judge.add(report({"loss": 2.3 * np.exp(-np.arange(200) / 40), **series}, layers=layers))
    read: list[str] = []
    column = Block.column
    monkeypatch.setattr(Block, "column", lambda block, key: read.append(key) or column(block, key))
    assert judge.evaluate()["warnings"] == []
    assert read == ["loss"]


def test_a_consequence_gives_the_remedy_of_its_root(report: MakeReport) -> None:
    found = diverging(report).evaluate()
    (incident,) = found["incidents"]
    assert incident["warnings"][0] == next(w["id"] for w in found["warnings"] if w["rule"] == "learning_rate")
    stds = [w for w in found["warnings"] if w["rule"] == "activation_std" and w["severity"] != "note"]
    assert {w["remedy"] for w in stds} == {f"Follows from: Learning rate too high. {incident['remedy']}"}


def test_units_that_are_zero_half_of_the_time_are_not_dead_from_the_start(report: MakeReport) -> None:
    judge = Judge()
    dead, zeros = np.where(np.arange(100) < 20, 0.0, 0.53), np.where(np.arange(100) < 20, 0.5, 0.77)
    series = {"dead_unit_fraction/fc1": dead, "activation_zero_fraction/fc1": zeros}
    judge.add(report({"loss": 2.3 * np.exp(-np.arange(100) / 40), **series}, layers=LAYERS))
    (warning,) = judge.evaluate()["warnings"]
    assert (warning["rule"], warning["first_step"]) == ("dead_units", 20)


def test_a_rule_that_fails_does_not_silence_the_others(report: MakeReport, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("trainvitals_server.diagnosis.rules.dead_units.stretches", broken)
    failed: list[str] = []
    judge = Judge(on_error=lambda rule, error: failed.append(f"{rule}: {error}"))
    series = {"activation_std/fc1": np.full(200, 3.1), "dead_unit_fraction/fc1": np.ones(200)}
    judge.add(report({"loss": 2.3 * np.exp(-np.arange(200) / 40), **series}, layers=LAYERS))
    assert [warning["rule"] for warning in judge.evaluate()["warnings"]] == ["activation_std"]
    assert failed == ["dead_units: boom"]
