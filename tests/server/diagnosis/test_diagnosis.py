"""The diagnosis beside ingest: fed by commits, rebuilt from the store, never in the way."""

import math
from collections.abc import Callable, Iterator
from threading import Event

import numpy as np
import pytest

from trainvitals_server.diagnosis import Diagnosis
from trainvitals_server.diagnosis import diagnosis as diagnosis_module
from trainvitals_server.diagnosis.rules_file import checked
from trainvitals_server.diagnosis.ward import WAITING_MAX
from trainvitals_server.diagnosis.yaml_node import parse
from trainvitals_server.storage.contract import Committed, Position, RunTraits
from trainvitals_server.storage.errors import RunNotFound
from trainvitals_server.storage.room import REPORT_BYTES_MIN
from trainvitals_wire.records import Layer, Mute, RunStatus, Warnings
from trainvitals_wire.report import Report

from .conftest import MakeReport, linear

SICK = [linear("body", 0, in_optimizer=False), linear("head", 1)]
RECURRENT: list[Layer] = [
    {**linear("cell", 0), "type": "GRU", "output_shape": [16, 60, 8], "attributes": {"batch_first": True}},
    linear("head", 1, outputs=10),
]
AT_CHANCE = math.log(10) + np.random.default_rng(0).normal(0, 0.05, 250)
WAIT_SECONDS = 10.0


class Shelf:
    """A store that keeps everything in lists."""

    def __init__(self) -> None:
        self.kept: dict[str, list[Report]] = {}
        self.found: dict[str, Warnings] = {}
        self.replaced = Event()
        self.deleted: set[str] = set()
        self.status: RunStatus = "running"
        self.unfinished: list[str] = []
        self.muted: dict[str, list[Mute]] = {}
        self.known_traits = RunTraits()
        self.writes = 0
        self._listeners: list[Callable[[Committed], None]] = []

    def listen(self, listener: Callable[[Committed], None]) -> None:
        self._listeners.append(listener)

    def commit(self, run_id: str, report: Report) -> None:
        self.kept.setdefault(run_id, []).append(report)
        for listener in self._listeners:
            listener(Committed(run_id, len(self.kept[run_id]), report))

    def position(self, run_id: str) -> Position:
        return Position(len(self.kept[run_id]), "epoch", self.status)

    def reports(self, run_id: str) -> Iterator[Report]:
        return iter(list(self.kept[run_id]))

    def warnings(self, run_id: str) -> Warnings:
        return self.found.get(run_id, {"warnings": [], "incidents": []})

    def mutes(self, run_id: str) -> list[Mute]:
        return self.muted.get(run_id, [])

    def traits(self, run_id: str) -> RunTraits:
        return self.known_traits

    def silent_runs(self, seconds: float, statuses: tuple[RunStatus, ...]) -> list[str]:
        return self.unfinished

    def replace_warnings(self, run_id: str, found: Warnings) -> None:
        if run_id in self.deleted:
            raise RunNotFound(run_id)
        self.found[run_id] = found
        self.writes += 1
        self.replaced.set()


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def rules(found: Warnings) -> list[str]:
    return [entry["rule"] for entry in found["warnings"]]


def test_a_committed_report_is_judged_in_the_thread_and_stored(shelf: Shelf, report: MakeReport) -> None:
    diagnosis = Diagnosis(shelf)
    diagnosis.start()
    shelf.commit("run", report({"loss": [1.0] * 30}, layers=SICK))
    assert shelf.replaced.wait(WAIT_SECONDS)
    diagnosis.close()
    assert rules(shelf.found["run"]) == ["frozen_parameters"]


def test_what_waits_is_judged_before_it_stops(shelf: Shelf, report: MakeReport) -> None:
    diagnosis = Diagnosis(shelf)
    shelf.commit("run", report({"loss": [1.0] * 30}, layers=SICK))
    diagnosis.close()
    assert rules(shelf.found["run"]) == ["frozen_parameters"]


def test_after_a_restart_the_run_is_rebuilt_from_the_store(shelf: Shelf, report: MakeReport) -> None:
    before = Diagnosis(shelf)
    shelf.commit("run", report({"loss": [1.0] * 30}, layers=SICK))
    shelf.commit("run", report({"loss": [1.0] * 30}, first_step=30))
    before.close()
    first = shelf.found["run"]
    again = Shelf()
    again.kept = shelf.kept
    after = Diagnosis(again)
    again.commit("run", report({"loss": [1.0] * 5}, first_step=60))
    after.settle()
    ids = [[entry["id"] for entry in found["warnings"]] for found in (first, again.found["run"])]
    assert ids[0] == ids[1] != []
    assert again.found["run"]["warnings"][0]["last_step"] == 64


def test_a_gap_in_the_cursors_is_read_from_the_store(shelf: Shelf, report: MakeReport) -> None:
    diagnosis = Diagnosis(shelf)
    shelf.commit("run", report({"loss": [1.0] * 10}))
    diagnosis.settle()
    shelf.kept["run"].append(report({"loss": [1.0] * 10}, first_step=10, layers=SICK))
    shelf.commit("run", report({"loss": [1.0] * 10}, first_step=20))
    diagnosis.settle()
    assert rules(shelf.found["run"]) == ["frozen_parameters"]


def test_a_flood_is_bounded_and_nothing_of_it_is_lost(shelf: Shelf, report: MakeReport) -> None:
    diagnosis = Diagnosis(shelf)
    shelf.commit("run", report({"loss": [1.0]}, layers=SICK))
    for step in range(1, 2 * WAITING_MAX):
        shelf.commit("run", report({"loss": [1.0]}, first_step=step))
    diagnosis.settle()
    assert shelf.found["run"]["warnings"][0]["last_step"] == 2 * WAITING_MAX - 1


def test_what_waits_of_all_runs_together_is_bounded_too(
    shelf: Shelf, report: MakeReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diagnosis_module, "WAITING_BYTES_MAX", 20 * REPORT_BYTES_MIN)
    diagnosis = Diagnosis(shelf)
    for run_id in ("a", "b"):
        shelf.commit(run_id, report({"loss": [1.0]}, layers=SICK))
        for step in range(1, 30):
            shelf.commit(run_id, report({"loss": [1.0]}, first_step=step))
    assert 0 < diagnosis.passed_over <= 60
    diagnosis.settle()
    assert [shelf.found[run_id]["warnings"][0]["last_step"] for run_id in ("a", "b")] == [29, 29]
    before = diagnosis.passed_over
    for run_id in ("a", "b"):
        shelf.commit(run_id, report({"loss": [1.0]}, first_step=30))
    diagnosis.settle()
    assert diagnosis.passed_over == before


def test_where_judges_remember_too_much_the_widest_remembers_fewer_steps(
    shelf: Shelf, report: MakeReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diagnosis_module, "JUDGES_BYTES_MAX", 2**20)
    diagnosis = Diagnosis(shelf)
    rows, series = 1000, 200
    for run_id in ("a", "b"):
        for part in range(4):
            values = {f"activation_std/l{n}": [1.0] * rows for n in range(series)}
            shelf.commit(run_id, report(values, first_step=part * rows))
        diagnosis.settle()
    for _ in range(3):
        diagnosis.settle()
    held = sum(ward.nbytes for ward in diagnosis._wards.values())
    assert held <= 2 * 2 * rows * series * 8
    assert all(ward.nbytes for ward in diagnosis._wards.values())


def test_each_writer_hears_of_a_warning_once(shelf: Shelf, report: MakeReport) -> None:
    diagnosis = Diagnosis(shelf)
    assert diagnosis.new_warnings("run", "a") == []
    shelf.commit("run", report({"loss": [1.0] * 30}, layers=SICK))
    diagnosis.settle()
    assert [entry["rule"] for entry in diagnosis.new_warnings("run", "a")] == ["frozen_parameters"]
    assert diagnosis.new_warnings("run", "a") == []
    assert len(diagnosis.new_warnings("run", "b")) == 1


def test_only_the_root_of_an_incident_is_announced(shelf: Shelf, report: MakeReport) -> None:
    diagnosis = Diagnosis(shelf)
    layers = [linear(f"fc{i}", i, in_optimizer=False) for i in range(5)] + [linear("head", 5)]
    shelf.commit("run", report({"loss": [1.0] * 30}, layers=layers))
    diagnosis.settle()
    assert len(shelf.found["run"]["warnings"]) == 5
    assert [entry["layer"] for entry in diagnosis.new_warnings("run", "a")] == ["fc0"]


def test_changes_are_told_and_only_changes(shelf: Shelf, report: MakeReport) -> None:
    told: list[str] = []
    diagnosis = Diagnosis(shelf, lambda run_id, warnings: told.append(run_id))
    shelf.commit("run", report({"loss": np.linspace(2, 1, 30).tolist()}))
    diagnosis.settle()
    assert told == ["run"], "what is measured, and what is not, is news once"
    shelf.commit("run", report({"loss": [1.0]}, first_step=30))
    diagnosis.settle()
    assert told == ["run"]
    shelf.commit("run", report({"loss": [1.0]}, first_step=31, layers=SICK))
    diagnosis.settle()
    assert told == ["run", "run"]


def test_a_deleted_run_is_let_go(shelf: Shelf, report: MakeReport) -> None:
    diagnosis = Diagnosis(shelf)
    shelf.deleted.add("run")
    shelf.commit("run", report({"loss": [1.0] * 30}, layers=SICK))
    diagnosis.settle()
    assert diagnosis.new_warnings("run", "a") == []
    assert shelf.found == {}


def test_a_failure_stays_in_the_diagnosis_and_the_next_report_starts_anew(
    shelf: Shelf, report: MakeReport, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(run_id: str) -> Position:
        raise OSError("the disk is gone")

    diagnosis = Diagnosis(shelf)
    monkeypatch.setattr(shelf, "position", broken)
    shelf.kept["run"] = [report({"loss": [1.0] * 30}, layers=SICK)]
    shelf.commit("run", report({"loss": [1.0]}, first_step=30))
    diagnosis.settle()
    assert "diagnosis of run run failed" in caplog.text
    monkeypatch.undo()
    shelf.commit("run", report({"loss": [1.0]}, first_step=31))
    diagnosis.settle()
    assert rules(shelf.found["run"]) == ["frozen_parameters"]


def test_a_finished_run_is_judged_a_last_time_and_let_go(shelf: Shelf, report: MakeReport) -> None:
    diagnosis = Diagnosis(shelf)
    shelf.commit("run", report({"loss": [1.0] * 30}, layers=SICK))
    diagnosis.finish("run")
    assert rules(shelf.found["run"]) == ["frozen_parameters"]
    assert diagnosis.new_warnings("run", "a") == []


@pytest.mark.parametrize(("planned", "said"), [(True, ["no_progress"]), (False, [])])
def test_only_a_run_that_ended_as_planned_waits_for_nothing(
    shelf: Shelf, report: MakeReport, planned: bool, said: list[str]
) -> None:
    diagnosis = Diagnosis(shelf)
    shelf.commit("run", report({"loss": AT_CHANCE}, layers=RECURRENT))
    diagnosis.finish("run", planned=planned)
    assert rules(shelf.found["run"]) == said


def test_what_comes_late_does_not_take_back_what_was_said_at_the_end(shelf: Shelf, report: MakeReport) -> None:
    diagnosis = Diagnosis(shelf)
    shelf.commit("run", report({"loss": AT_CHANCE}, layers=RECURRENT))
    shelf.status = "finished"
    diagnosis.finish("run", planned=True)
    shelf.commit("run", report({"accuracy": [0.1]}, first_step=len(AT_CHANCE)))
    diagnosis.settle()
    assert rules(shelf.found["run"]) == ["no_progress"]


def test_only_so_many_runs_are_held_in_memory(
    shelf: Shelf, report: MakeReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diagnosis_module, "RUNS_MAX", 3)
    diagnosis = Diagnosis(shelf)
    for i in range(6):
        shelf.commit(f"run{i}", report({"loss": [1.0] * 30}, layers=SICK))
        diagnosis.settle()
    held = [i for i in range(6) if diagnosis.new_warnings(f"run{i}", "a")]
    assert held == [3, 4, 5]
    assert len(shelf.found) == 6


def test_a_run_is_judged_at_most_twice_a_second(shelf: Shelf, report: MakeReport) -> None:
    """With a clock that stands still the thread judges once; what came later waits for the next time or the end."""
    written: list[int] = []
    replace = shelf.replace_warnings

    def noted(run_id: str, found: Warnings) -> None:
        written.append(found["warnings"][0]["last_step"])
        replace(run_id, found)

    shelf.replace_warnings = noted  # type: ignore[method-assign]
    diagnosis = Diagnosis(shelf, clock=lambda: 100.0)
    diagnosis.start()
    shelf.commit("run", report({"loss": [1.0] * 30}, layers=SICK))
    assert shelf.replaced.wait(WAIT_SECONDS)
    for step in range(30, 40):
        shelf.commit("run", report({"loss": [1.0]}, first_step=step))
    diagnosis.close()
    assert written == [29, 39]


def test_numbers_that_move_are_written_every_few_seconds_and_are_no_news(shelf: Shelf, report: MakeReport) -> None:
    told: list[str] = []
    now = [0.0]
    diagnosis = Diagnosis(shelf, lambda run_id, found: told.append(run_id), clock=lambda: now[0])
    for step in range(20):
        shelf.commit("run", report({"loss": [1.0]}, first_step=step, layers=None if step else SICK))
        now[0] = step * 0.5
        diagnosis.settle()
    assert told == ["run"]
    assert shelf.writes == 1 + int(9.5 // diagnosis_module.REFRESH_SECONDS)
    diagnosis.close()
    assert shelf.found["run"]["warnings"][0]["last_step"] == 19


def test_a_run_that_was_going_on_when_the_server_died_is_judged_at_the_start(shelf: Shelf, report: MakeReport) -> None:
    shelf.kept["run"] = [report({"loss": [1.0] * 30}, layers=SICK)]
    shelf.unfinished = ["run"]
    diagnosis = Diagnosis(shelf)
    diagnosis.start()
    assert shelf.replaced.wait(WAIT_SECONDS)
    diagnosis.close()
    assert rules(shelf.found["run"]) == ["frozen_parameters"]


def test_after_a_restart_what_was_stored_is_not_announced_again_and_what_is_new_is(
    shelf: Shelf, report: MakeReport
) -> None:
    before = Diagnosis(shelf)
    shelf.commit("run", report({"loss": [1.0] * 30}, layers=SICK))
    before.settle()
    after = Diagnosis(shelf)
    shelf.commit("run", report({"loss": [1.0] * 5}, first_step=30))
    after.settle()
    assert after.new_warnings("run", "a") == []
    shelf.commit("run", report({"loss": [float("nan")] * 10}, first_step=35))
    after.settle()
    assert [entry["rule"] for entry in after.new_warnings("run", "a")] == ["non_finite"]


def test_what_ended_is_told_once_to_the_writer_that_knew_of_it(shelf: Shelf, report: MakeReport) -> None:
    diagnosis = Diagnosis(shelf)
    shelf.commit("run", report({"loss": [1.0] * 30}, layers=SICK))
    diagnosis.settle()
    (fired,) = diagnosis.new_warnings("run", "a")
    well = [linear("body", 0), linear("head", 1)]
    shelf.commit("run", report({"loss": np.linspace(1, 0.1, 100).tolist()}, first_step=30, layers=well))
    diagnosis.settle()
    (ended,) = diagnosis.new_warnings("run", "a")
    assert (ended["id"], ended["state"]) == (fired["id"], "resolved")
    assert diagnosis.new_warnings("run", "a") == []
    assert diagnosis.new_warnings("run", "b") == []


def test_a_mute_silences_at_once_and_unmuting_speaks_again(shelf: Shelf, report: MakeReport) -> None:
    diagnosis = Diagnosis(shelf)
    shelf.commit("run", report({"loss": [1.0] * 30}, layers=SICK))
    diagnosis.settle()
    mute: Mute = {"id": "m", "rule": "frozen_parameters", "layers": "bo*", "reason": "r", "created_at": 0.0}
    shelf.muted["run"] = [mute]
    diagnosis.mutes_changed("run")
    assert diagnosis.new_warnings("run", "a") == []
    shelf.muted["run"] = []
    diagnosis.mutes_changed("run")
    assert [entry["rule"] for entry in diagnosis.new_warnings("run", "a")] == ["frozen_parameters"]


def test_a_rules_file_holds_for_the_runs_that_it_chooses(shelf: Shelf, report: MakeReport) -> None:
    text = "version: 1\nmutes: [{rule: frozen_parameters, reason: stage one, runs: {project: two-*}}]"
    for project, state in (("two-stages", "muted"), ("digits", "firing")):
        shelf.known_traits = RunTraits(project)
        diagnosis = Diagnosis(shelf, rules=checked(parse(text, "rules.yaml")))
        shelf.commit(project, report({"loss": [1.0] * 30}, layers=SICK))
        diagnosis.settle()
        (entry,) = shelf.found[project]["warnings"]
        assert entry["state"] == state
        assert entry.get("mute", {"id": None, "reason": "stage one"}) == {"id": None, "reason": "stage one"}
        assert len(diagnosis.new_warnings(project, "a")) == (state == "firing")
